package dev.quern.examples.command;

import dev.quern.examples.AlexNet;
import dev.quern.examples.CharLm;
import dev.quern.examples.CifarCnn;
import dev.quern.examples.Dqn;
import dev.quern.examples.ExampleModel;
import dev.quern.examples.ExampleProgram;
import dev.quern.examples.Gan;
import dev.quern.examples.GoogLeNet;
import dev.quern.examples.GoogLeNetWithHeads;
import dev.quern.examples.Gpt;
import dev.quern.examples.KMeans;
import dev.quern.examples.LeNet;
import dev.quern.examples.LeNetClassic;
import dev.quern.examples.LinearRegression;
import dev.quern.examples.Mlp;
import dev.quern.examples.Nin;
import dev.quern.examples.ResNet;
import dev.quern.examples.ResNetDigits;
import dev.quern.examples.RowSequence;
import dev.quern.examples.Seq2Seq;
import dev.quern.examples.Settings;
import dev.quern.examples.SoftmaxRegression;
import dev.quern.examples.Transformer;
import dev.quern.examples.Vae;
import dev.quern.examples.Vgg;
import dev.quern.runtime.QuernException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The parameter {@code MODEL}, the same for every command that takes one, and the models there are. */
public final class ModelParameter {
    /** The models, in the order in which they are listed. */
    static final List<ExampleModel> MODELS = List.of(new LinearRegression(), new SoftmaxRegression(), new Mlp(), new LeNet(), new LeNetClassic(),
            RowSequence.rnn(), RowSequence.gru(), RowSequence.lstm(), RowSequence.bilstm(), new Vgg(11), new Vgg(13), new Vgg(16),
            new Vgg(19), new Vgg(11, true), new Vgg(13, true), new Vgg(16, true), new Vgg(19, true), new ResNetDigits(), new CifarCnn(),
            new AlexNet(), new Nin(), new GoogLeNet(), new GoogLeNetWithHeads(), new ResNet(18), new ResNet(34), new ResNet(50),
            CharLm.lstm(), CharLm.gru(), new Gpt(), new Seq2Seq(), new Transformer(),
            new Vae(), new Gan());

    /** What is trained by a loop of its own. */
    static final List<ExampleProgram> PROGRAMS = List.of(new Dqn(), new KMeans());

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model, as \"quern models\" names it: lenet, mlp, lstm …")
    private String name;

    @Option(names = "--set", paramLabel = "NAME=VALUE", description = "Choose something about the model; \"quern models\" lists what there "
            + "is to choose: activation=tanh. May be repeated.")
    private Map<String, String> chosen = new TreeMap<>();

    /** The names of the models of a kind, with commas. */
    static String names(Class<? extends ExampleModel> kind) {
        return MODELS.stream().filter(kind::isInstance).map(ExampleModel::name).collect(Collectors.joining(", "));
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
        return PROGRAMS.stream().filter(program -> program.name().equals(name)).findFirst();
    }

    /** The model of a name, as it is by default. */
    static ExampleModel named(String name) {
        if (PROGRAMS.stream().anyMatch(program -> program.name().equals(name))) {
            throw new UsageException(name + " has a loop of its own: only \"quern train " + name + "\" runs it");
        }
        return MODELS.stream().filter(model -> model.name().equals(name)).findFirst()
                .orElseThrow(() -> new UsageException("no model is named " + name + "; there are " + Stream.concat(
                        MODELS.stream().map(ExampleModel::name), PROGRAMS.stream().map(ExampleProgram::name)).collect(Collectors.joining(", "))));
    }
}
