package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.text.Translation;
import dev.quern.layers.text.Translator;
import dev.quern.runtime.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code quern translate}: lets a trained model turn texts into others. */
@Command(name = "translate", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Let a trained model turn texts into others: seq2seq and transformer turn written dates into ISO 8601.",
        footer = {"", "Example: quern translate seq2seq --load seq2seq.safetensors --attention map.png \"Thursday 5 March 1998\""})
final class TranslateCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelParameter modelParameter;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT", description = "What to translate.")
    private List<String> texts;

    @Option(names = "--load", paramLabel = "FILE", required = true, description = "The checkpoint (safetensors).")
    private Path load;

    @Option(names = "--beam", paramLabel = "N", defaultValue = "4",
            description = "Beginnings to keep at each step; 1 takes the likeliest character each time (${DEFAULT-VALUE}).")
    private int beam;

    @Option(names = "--attention", paramLabel = "FILE", description = "Draw into this file (PNG) where the model looked in the text, from left to "
            + "right, while it wrote, from top to bottom. For one text.")
    private Optional<Path> attention;

    @Mixin
    private DeviceOption deviceOption;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        translation(modelParameter.model());
        if (beam < 1) {
            throw new ParameterException(spec.commandLine(), "--beam " + beam + ": must be at least 1");
        }
        if (attention.isPresent() && texts.size() > 1) {
            throw new ParameterException(spec.commandLine(), "--attention " + attention.get() + ": draws one text, not " + texts.size());
        }
        Optional<OutputFile> map = attention.map(path -> OutputFile.require("--attention", path));
        Checkpoint checkpoint = Checkpoint.read(load);
        ExampleModel model = modelParameter.model(checkpoint.content().metadata());
        Translation task = translation(model);
        try (Device device = deviceOption.open(out); Translator translator = Translator.open(task, beam, checkpoint, device)) {
            for (String text : texts) {
                Translator.Result result = translator.translate(text);
                out.println(String.format(Locale.ROOT, "%s  (log-probability %.4f)", result.text(), result.logProbability()));
                map.ifPresent(file -> draw(model, result, file, out));
            }
        }
    }

    private Translation translation(ExampleModel model) {
        if (model.task() instanceof Translation task) {
            return task;
        }
        throw new ParameterException(spec.commandLine(), model.name() + " translates nothing; seq2seq and transformer do");
    }

    private void draw(ExampleModel model, Translator.Result result, OutputFile file, PrintWriter out) {
        if (result.attention().length == 0) {
            throw new ParameterException(spec.commandLine(), "--attention " + file.path() + ": " + model.name()
                    + " does not keep where it looked; seq2seq does");
        }
        AttentionPicture.write(file, result.attention());
        out.println("wrote " + file.path());
    }
}
