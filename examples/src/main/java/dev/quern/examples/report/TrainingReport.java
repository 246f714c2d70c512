package dev.quern.examples.report;

import dev.quern.examples.Classifier;
import dev.quern.examples.ExampleModel;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.Metric;
import dev.quern.layers.train.Task;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;
import dev.quern.layers.train.TrainingResult;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Shape;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Makes the page of a training run.
 *
 * @param model   what was trained
 * @param task    the same for the data
 * @param data    what it was trained and tested on
 * @param options how
 * @param device  where
 * @param history listened to the trainer
 */
public record TrainingReport(ExampleModel model, Task task, Split<? extends Samples> data, TrainOptions options, DeviceInfo device,
        TrainingHistory history) {

    /**
     * The page. A classifier is run over the test data once more, for what it takes for what.
     *
     * @param trainer still open
     */
    public String page(Trainer trainer, TrainingResult result) {
        String outcome = (result.interrupted() ? "Interrupted. " : result.outOfPatience() ? "Ended out of patience. " : "") + "Test "
                + result.test().metrics().stream().map(TrainingReport::text).collect(Collectors.joining(", ")) + " (" + result.test().samples()
                + " samples), after " + trainer.stepsDone() + " steps; median step " + String.format(Locale.ROOT, "%.3f", result.stepMsMedian()) + " ms.";
        TrainingPage page = TrainingPage.of(model.name() + " on " + device.id(), outcome, history);
        if (!result.interrupted()) {
            seen(page, trainer);
        }
        return page.facts("How it was trained", options(result)).facts("Environment", environment(trainer)).html();
    }

    private void seen(TrainingPage page, Trainer trainer) {
        if (task instanceof Classification classification) {
            PredictionMeter meter = new PredictionMeter();
            trainer.evaluate(meter);
            page.classes(meter, classification.labels());
            Shape shape = classification.model().sampleShape();
            if (model instanceof Classifier classifier && SamplePictures.areSeen(shape)) {
                page.predictions(meter, classification.labels(), new SamplePictures(shape, classifier.normalisation()));
            }
        }
        model.gallery().ifPresent(gallery -> page.pictures(gallery.draw(trainer.state(), data.test())));
    }

    private static String text(Metric metric) {
        return String.format(Locale.ROOT, "%s %.4g", metric.name(), metric.value());
    }

    private LinkedHashMap<String, String> options(TrainingResult result) {
        LinkedHashMap<String, String> facts = new LinkedHashMap<>();
        facts.put("model", model.description());
        model.settings().all().forEach(setting -> facts.put("set " + setting.name(), setting.value()));
        facts.put("parameters", String.format(Locale.ROOT, "%,d", result.parameters()));
        facts.put("training data", data.train().size() + " samples: " + data.train().name());
        facts.put("test data", data.test().size() + " samples: " + data.test().name());
        facts.put("epochs", Integer.toString(options.epochs()));
        facts.put("batch", Integer.toString(options.batch()));
        facts.put("learning rate", options.learningRate() + ", " + options.schedule().description());
        facts.put("optimizer", options.optimizer().description());
        facts.put("seed", Long.toString(options.seed()));
        options.patience().ifPresent(patience -> facts.put("patience", Integer.toString(patience)));
        return facts;
    }

    private LinkedHashMap<String, String> environment(Trainer trainer) {
        LinkedHashMap<String, String> facts = new LinkedHashMap<>();
        facts.put("device", device.id() + ": " + device.name() + ", " + device.platform() + ", driver " + device.driver() + ", "
                + device.computeUnits() + " compute units");
        facts.put("plan", trainer.plan().hash());
        facts.put("Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors");
        return facts;
    }
}
