package dev.quern.examples.command;

import dev.quern.examples.Classifier;
import dev.quern.examples.ExampleModel;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.data.ImageFile;
import dev.quern.layers.data.Normalisation;
import dev.quern.layers.nn.Model;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.Evaluator;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code quern predict}: says what a trained classifier sees on pictures. */
@Command(name = "predict", mixinStandardHelpOptions = true, usageHelpAutoWidth = true,
        description = "Classify pictures with a checkpoint.",
        footer = {"", "A picture of any size, grey or coloured, is cut to its middle and resized. One that is missing or broken is named and "
            + "skipped; the exit code is 1 if none is left."})
final class PredictCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelParameter modelParameter;

    @Option(names = "--load", paramLabel = "FILE", required = true,
            description = "The checkpoint (safetensors), trained here or elsewhere with the same names.")
    private Path load;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Pictures: PNG, JPEG, GIF, BMP, TIFF.")
    private List<Path> images;

    @Option(names = "--top", paramLabel = "N", defaultValue = "3", description = "How many classes to show. By default ${DEFAULT-VALUE}.")
    private int top;

    @Option(names = "--invert", description = "Exchange light and dark: MNIST's digits are light on dark, scans are not.")
    private boolean invert;

    @Mixin
    private DeviceOption deviceOption;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Classifier classifier = classifier(modelParameter.model());
        if (top < 1) {
            throw new ParameterException(spec.commandLine(), "--top " + top + ": must be at least 1");
        }
        Checkpoint checkpoint = Checkpoint.read(load);
        checkpoint.requireModel(classifier.name());
        classifier = classifier(modelParameter.model(checkpoint.content().metadata()));
        List<String> names = Classification.classNames(checkpoint.content().metadata());
        Model model = names.isEmpty() ? classifier.model() : classifier.model(names.size());
        int read = 0;
        try (Device device = deviceOption.open(out);
                State state = State.create(device);
                Evaluator evaluator = new Evaluator(Classification.of(model), 1, device, state)) {
            Weights.load(evaluator, checkpoint, classifier, out);
            Normalisation normalisation = classifier.normalisation();
            for (Path image : images) {
                try {
                    TreeMap<String, HostTensor> feeds = new TreeMap<>();
                    feeds.put(Dataset.INPUT, ImageFile.read(image, model.sampleShape(), normalisation, invert));
                    out.println(image + ": " + best(evaluator.run(feeds).get(Classification.LOGITS), names));
                    read++;
                } catch (QuernException e) {
                    spec.commandLine().getErr().println("quern: skipped " + e.getMessage());
                }
            }
        }
        if (read < images.size()) {
            spec.commandLine().getErr().println("quern: " + (images.size() - read) + " of " + images.size() + " pictures skipped");
        }
        return read == 0 ? 1 : 0;
    }

    private static Classifier classifier(ExampleModel model) {
        if (model instanceof Classifier classifier && classifier.model().sampleShape().rank() == 3) {
            return classifier;
        }
        throw new UsageException("predict: " + model.name() + " does not classify pictures");
    }

    /** {@code 7 (0.998), 1 (0.001)}. */
    private String best(HostTensor logits, List<String> names) {
        int classes = (int) logits.shape().elements();
        double maximum = IntStream.range(0, classes).mapToDouble(logits::get).max().orElseThrow();
        double sum = IntStream.range(0, classes).mapToDouble(each -> Math.exp(logits.get(each) - maximum)).sum();
        return IntStream.range(0, classes).boxed().sorted(Comparator.comparingDouble(each -> -logits.get(each))).limit(top)
                .map(each -> String.format(Locale.ROOT, "%s (%.3f)", names.isEmpty() ? each.toString() : names.get(each),
                        Math.exp(logits.get(each) - maximum) / sum))
                .collect(Collectors.joining(", "));
    }
}
