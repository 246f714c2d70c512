package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.LeNet;
import dev.quern.examples.LeNetClassic;
import dev.quern.examples.Mlp;
import dev.quern.examples.RowSequence;
import dev.quern.examples.SoftmaxRegression;
import dev.quern.examples.Vgg;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Parameters;

/** The parameter {@code MODEL}, the same for every command that takes one, and the models there are. */
public final class ModelParameter {
    /** The models, in the order in which they are listed. */
    static final List<ExampleModel> MODELS = List.of(new SoftmaxRegression(), new Mlp(), new LeNet(), new LeNetClassic(),
            RowSequence.rnn(), RowSequence.gru(), RowSequence.lstm(), RowSequence.bilstm(), new Vgg(11), new Vgg(13), new Vgg(16),
            new Vgg(19));

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model, as \"quern models\" names it: lenet, mlp, lstm …")
    private String name;

    /**
     * The model.
     *
     * @throws UsageException if there is none of that name; the message lists those there are
     */
    public ExampleModel model() {
        return MODELS.stream().filter(model -> model.name().equals(name)).findFirst()
                .orElseThrow(() -> new UsageException("no model is named " + name + "; there are "
                        + MODELS.stream().map(ExampleModel::name).collect(Collectors.joining(", "))));
    }
}
