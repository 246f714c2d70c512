package dev.quern.layers.train;

import dev.quern.runtime.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts rows whose largest logit is their label's, and adds up cross-entropies, {@code log(sum(exp(logits))) -
 * logits[label]}; further it keeps which classes were taken for which, and how often the label was among the largest few. A row may have several places with a label each: labels {@code [batch, ...]}, logits
 * {@code [batch * ..., classes]}.
 */
public final class ClassificationMeter implements Meter {
    /** Of more classes than this, what was taken for what is not kept: a table of them would be large and unreadable. */
    private static final int MOST_CONFUSABLE = 1000;
    private static final int RANKS = 10;

    private final String labels;
    private final String logits;
    private long places;
    private long correct;
    private double loss;
    /** How often the label's logit was the largest, the second largest, ... */
    private final long[] ranks = new long[RANKS];
    private Optional<ConfusionMatrix> confusion = Optional.empty();

    /**
     * A meter.
     *
     * @param labels the feed with the labels, I32
     * @param logits the output with the logits, F32, classes last
     */
    public ClassificationMeter(String labels, String logits) {
        this.labels = labels;
        this.logits = logits;
    }

    @Override
    public void add(int counted, Map<String, HostTensor> feeds, Map<String, HostTensor> outputs) {
        HostTensor expected = feeds.get(labels);
        HostTensor given = outputs.get(logits);
        int classes = given.shape().extent(given.shape().rank() - 1);
        if (confusion.isEmpty() && classes <= MOST_CONFUSABLE) {
            confusion = Optional.of(new ConfusionMatrix(classes));
        }
        long rows = expected.shape().elements() / expected.shape().extent(0) * counted;
        for (long row = 0; row < rows; row++) {
            int label = expected.memory().getAtIndex(ValueLayout.JAVA_INT, row);
            int largest = largest(given.memory(), row, classes);
            correct += largest == label ? 1 : 0;
            if (largest >= 0) {
                int rank = rank(given.memory(), row, classes, label);
                if (rank < RANKS) {
                    ranks[rank]++;
                }
                confusion.ifPresent(matrix -> matrix.add(label, largest));
            }
            loss += crossEntropy(given.memory(), row, classes, label);
        }
        places += rows;
    }

    private static double logit(MemorySegment memory, long row, int classes, int column) {
        return memory.getAtIndex(ValueLayout.JAVA_FLOAT, row * classes + column);
    }

    /** The column of the largest logit, the first of equals; -1 if one is not a number, so that it never counts. */
    private static int largest(MemorySegment memory, long row, int classes) {
        int best = 0;
        for (int column = 0; column < classes; column++) {
            double value = logit(memory, row, classes, column);
            if (Double.isNaN(value)) {
                return -1;
            }
            best = value > logit(memory, row, classes, best) ? column : best;
        }
        return best;
    }

    /** How many logits stand before the label's: larger ones, and equal ones of classes before it. */
    private static int rank(MemorySegment memory, long row, int classes, int label) {
        double own = logit(memory, row, classes, label);
        int before = 0;
        for (int column = 0; column < classes; column++) {
            double value = logit(memory, row, classes, column);
            before += value > own || value == own && column < label ? 1 : 0;
        }
        return before;
    }

    private static double crossEntropy(MemorySegment memory, long row, int classes, int label) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (int column = 0; column < classes; column++) {
            maximum = Math.max(maximum, logit(memory, row, classes, column));
        }
        double sum = 0;
        for (int column = 0; column < classes; column++) {
            sum += Math.exp(logit(memory, row, classes, column) - maximum);
        }
        return maximum + Math.log(sum) - logit(memory, row, classes, label);
    }

    /** {@code accuracy}, then {@code loss}, the mean over places in nats. */
    @Override
    public List<Metric> metrics() {
        return List.of(Metric.higher("accuracy", (double) correct / places), Metric.lower("loss", loss / places));
    }

    /**
     * The share of places whose label is among the largest logits.
     *
     * @param k how many logits are looked at, 1 to 10
     */
    public double top(int k) {
        if (k < 1 || k > RANKS) {
            throw new IllegalArgumentException("top " + k + ": 1 to " + RANKS + " are counted");
        }
        return (double) Arrays.stream(ranks, 0, k).sum() / places;
    }

    /** What was taken for what; rows with a logit that is not a number are left out. Empty of more than 1000 classes, and before any batch. */
    public Optional<ConfusionMatrix> confusion() {
        return confusion;
    }
}
