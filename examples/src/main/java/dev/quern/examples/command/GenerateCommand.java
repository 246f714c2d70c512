package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.examples.TextModel;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.text.Sampling;
import dev.quern.layers.text.TextGenerator;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quern generate}: lets a trained language model write. */
@Command(name = "generate", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Let a trained language model go on from a prompt, character by character.",
        footer = {"", "The same seed on the same device writes the same text.",
            "Example: quern generate char-lm --load char-lm.safetensors --prompt \"ROMEO:\""})
final class GenerateCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelParameter modelParameter;

    @Option(names = "--load", paramLabel = "FILE", required = true, description = "The checkpoint (safetensors).")
    private Path load;

    @Option(names = "--prompt", paramLabel = "TEXT", defaultValue = "\n",
            description = "What to go on from, in characters of the text that was learned. By default a new line.")
    private String prompt;

    @Option(names = "--length", paramLabel = "N", defaultValue = "500", description = "Characters to write (${DEFAULT-VALUE}).")
    private int length;

    @Option(names = "--temperature", paramLabel = "X", defaultValue = "0.8",
            description = "Below 1 the likely becomes likelier; 0 always takes the likeliest (${DEFAULT-VALUE}).")
    private double temperature;

    @Option(names = "--top-k", paramLabel = "K", defaultValue = "0",
            description = "Draw only from the K likeliest characters; 0 for all (${DEFAULT-VALUE}).")
    private int topK;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Decides what is drawn (${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private DeviceOption deviceOption;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        ExampleModel model = modelParameter.model();
        if (!(model instanceof TextModel text)) {
            throw new ParameterException(spec.commandLine(), model.name() + " writes no text; there are "
                    + ModelParameter.names(TextModel.class));
        }
        if (length < 1) {
            throw new ParameterException(spec.commandLine(), "--length " + length + ": must be at least 1");
        }
        Sampling sampling = new Sampling(temperature, topK);
        Checkpoint checkpoint = Checkpoint.read(load);
        checkpoint.requireModel(model.name());
        try (Device device = deviceOption.open(out);
                TextGenerator generator = TextGenerator.open(text.task(checkpoint.content().metadata()), checkpoint, device)) {
            StringBuilder begun = new StringBuilder(prompt);
            generator.generate(prompt, length, sampling, seed, character -> {
                out.print(begun + character);
                begun.setLength(0);
                out.flush();
            });
            out.println();
        }
    }
}
