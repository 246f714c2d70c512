package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.LeNet;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Parameters;

/** The parameter {@code MODEL}, the same for every command that takes one, and the models there are. */
public final class ModelParameter {
    /** The models, in the order in which they are listed. */
    static final List<ExampleModel> MODELS = List.of(new LeNet());

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model, as \"quern models\" names it: lenet.")
    private String name;

    /**
     * The model.
     *
     * @throws UsageException if there is none of that name; the message lists those there are
     */
    public ExampleModel model() {
        return MODELS.stream().filter(model -> model.model().name().equals(name)).findFirst()
                .orElseThrow(() -> new UsageException("no model is named " + name + "; there are "
                        + MODELS.stream().map(model -> model.model().name()).collect(Collectors.joining(", "))));
    }
}
