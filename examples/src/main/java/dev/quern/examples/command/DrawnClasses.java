package dev.quern.examples.command;

import dev.quern.examples.Gan;
import dev.quern.examples.LeNet;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.train.Classification;
import dev.quern.layers.train.Evaluator;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** How many different digits a trained generator draws, by the judgement of a classifier. */
final class DrawnClasses {
    /** As many as the grid that {@code --pictures} shows, from the same noise. */
    private static final int SAMPLES = 100;
    private static final long SEED = 1;

    private DrawnClasses() {
    }

    /**
     * Has the generator draw and the classifier look.
     *
     * @param gan   a checkpoint of {@code gan}
     * @param lenet a checkpoint of {@code lenet}
     * @param out   gets a line with how many of each digit were found
     * @return how many classes have at least one sample
     */
    static int count(Path gan, Path lenet, Device device, PrintWriter out) {
        HostTensor images = draw(gan, device);
        Classification task = new LeNet().task();
        int classes = task.model().classes();
        int[] found = new int[classes];
        try (State state = State.create(device); Evaluator evaluator = new Evaluator(task, SAMPLES, device, state)) {
            evaluator.load(Checkpoint.read(lenet));
            TreeMap<String, HostTensor> feeds = new TreeMap<>();
            feeds.put(Dataset.INPUT, images);
            HostTensor logits = evaluator.run(feeds).get(Classification.LOGITS);
            for (int sample = 0; sample < SAMPLES; sample++) {
                int first = sample * classes;
                found[IntStream.range(0, classes).reduce(0, (best, each) -> logits.get(first + each) > logits.get(first + best) ? each : best)]++;
            }
        }
        out.println("of " + SAMPLES + " samples that gan drew, lenet takes "
                + String.join(", ", IntStream.range(0, classes).mapToObj(each -> found[each] + " for a " + each).toList()));
        return (int) IntStream.of(found).filter(count -> count > 0).count();
    }

    /** Digits as a classifier takes them: normalised as the ones that it was trained on. */
    private static HostTensor draw(Path checkpoint, Device device) {
        Gan gan = new Gan();
        try (State state = State.create(device); Evaluator evaluator = new Evaluator(gan, 1, device, state)) {
            evaluator.load(Checkpoint.read(checkpoint));
            HostTensor images = Gan.draw(state, SEED, SAMPLES);
            for (long i = 0; i < images.shape().elements(); i++) {
                images.set(i, Gan.normalised(images.get(i)));
            }
            return images;
        }
    }
}
