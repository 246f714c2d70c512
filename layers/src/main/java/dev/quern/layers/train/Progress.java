package dev.quern.layers.train;

import dev.quern.layers.checkpoint.Checkpoint;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where training stands, apart from tensors: all that a checkpoint needs besides them to go on exactly. */
final class Progress {
    private static final String STEP = "step";
    private static final String BEST_EPOCH = "best_epoch";
    private static final String BEST_VALUE = "best_value_bits";

    private final List<String> losses;
    private final double[] sums;
    private long step;
    private Optional<Best> best = Optional.empty();

    /** The beginning. */
    Progress(List<String> losses) {
        this.losses = losses;
        this.sums = new double[losses.size()];
    }

    /** Where a checkpoint stands. */
    static Progress of(Checkpoint checkpoint, List<String> losses) {
        Progress progress = new Progress(losses);
        progress.step = checkpoint.number(STEP);
        for (int i = 0; i < progress.sums.length; i++) {
            progress.sums[i] = Double.longBitsToDouble(checkpoint.number(sumKey(losses.get(i))));
        }
        if (checkpoint.content().metadata().containsKey(BEST_EPOCH)) {
            progress.best = Optional.of(new Best((int) checkpoint.number(BEST_EPOCH),
                    Double.longBitsToDouble(checkpoint.number(BEST_VALUE))));
        }
        return progress;
    }

    private static String sumKey(String loss) {
        return "epoch_" + loss + "_bits";
    }

    /** Steps done. */
    long step() {
        return step;
    }

    /** The best evaluation so far. */
    Optional<Best> best() {
        return best;
    }

    /** A step is done. */
    void stepDone(float[] stepLosses) {
        step++;
        for (int i = 0; i < sums.length; i++) {
            sums[i] += stepLosses[i];
        }
    }

    /** An epoch is done: the mean of its losses by objective. The next one begins. */
    LinkedHashMap<String, Double> epochDone(int steps) {
        LinkedHashMap<String, Double> means = new LinkedHashMap<>();
        for (int i = 0; i < sums.length; i++) {
            means.put(losses.get(i), sums[i] / steps);
        }
        Arrays.fill(sums, 0);
        return means;
    }

    /**
     * An epoch was evaluated.
     *
     * @return whether it is the best so far
     */
    boolean evaluated(int epoch, Metric headline) {
        boolean better = best.isEmpty() || headline.isBetterThan(best.get().value());
        if (better) {
            best = Optional.of(new Best(epoch, headline.value()));
        }
        return better;
    }

    /** Writes it down. */
    void write(Map<String, String> metadata) {
        metadata.put(STEP, Long.toString(step));
        for (int i = 0; i < sums.length; i++) {
            metadata.put(sumKey(losses.get(i)), Long.toString(Double.doubleToLongBits(sums[i])));
        }
        best.ifPresent(found -> {
            metadata.put(BEST_EPOCH, Integer.toString(found.epoch()));
            metadata.put(BEST_VALUE, Long.toString(Double.doubleToLongBits(found.value())));
        });
    }
}
