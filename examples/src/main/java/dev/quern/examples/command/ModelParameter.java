package dev.quern.examples.command;

import dev.quern.examples.Catalogue;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.ExampleProgram;
import dev.quern.examples.Settings;
import dev.quern.runtime.QuernException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The parameter {@code MODEL}, the same for every command that takes one. */
public final class ModelParameter {
    @Parameters(index = "0", paramLabel = "MODEL", description = "The model, as \"quern models\" names it: lenet, mlp, lstm …")
    private String name;

    @Option(names = "--set", paramLabel = "NAME=VALUE", description = "Choose something about the model; \"quern models\" lists what there "
            + "is to choose: activation=tanh. May be repeated.")
    private Map<String, String> chosen = new TreeMap<>();

    @Option(names = "--full", description = "The network as large as its authors made it, for pictures of 224 x 224, where the one that is "
            + "trained here is smaller.")
    private boolean full;

    /** The names of the models of a kind, with commas. */
    static String names(Class<? extends ExampleModel> kind) {
        return Catalogue.MODELS.stream().filter(kind::isInstance).map(ExampleModel::name).collect(Collectors.joining(", "));
    }

    /**
     * The model.
     *
     * @throws UsageException if there is none of that name; the message lists those there are
     */
    public ExampleModel model() {
        return model(Map.of());
    }

    /**
     * The model with a checkpoint's choices where the user made none.
     *
     * @param metadata the checkpoint's
     * @throws UsageException if there is no such model, or no such choice
     */
    public ExampleModel model(Map<String, String> metadata) {
        ExampleModel model = with(metadata);
        return full ? model.inFullSize().orElseThrow(() -> new UsageException("--full: " + name + " has one size only")) : model;
    }

    private ExampleModel with(Map<String, String> metadata) {
        ExampleModel model = named(name);
        Map<String, String> values = new TreeMap<>(Settings.read(metadata));
        values.putAll(chosen);
        if (values.isEmpty()) {
            return model;
        }
        try {
            return model.with(model.settings().with(model.name(), values));
        } catch (QuernException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** The program, if the name is that of one; only {@code quern train} runs them. */
    Optional<ExampleProgram> program() {
        return Catalogue.PROGRAMS.stream().filter(program -> program.name().equals(name)).findFirst();
    }

    /** The model of a name, as it is by default. */
    static ExampleModel named(String name) {
        if (Catalogue.PROGRAMS.stream().anyMatch(program -> program.name().equals(name))) {
            throw new UsageException(name + " has a loop of its own: only \"quern train " + name + "\" runs it");
        }
        return Catalogue.MODELS.stream().filter(model -> model.name().equals(name)).findFirst()
                .orElseThrow(() -> new UsageException("no model is named " + name + "; there are " + Stream.concat(
                        Catalogue.MODELS.stream().map(ExampleModel::name), Catalogue.PROGRAMS.stream().map(ExampleProgram::name)).collect(Collectors.joining(", "))));
    }
}
