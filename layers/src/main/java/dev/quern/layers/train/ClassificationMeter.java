package dev.quern.layers.train;

import dev.quern.runtime.HostTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/**
 * Counts rows whose largest logit is their label's, and adds up cross-entropies, {@code log(sum(exp(logits))) -
 * logits[label]}. A row may have several places with a label each: labels {@code [batch, ...]}, logits
 * {@code [batch * ..., classes]}.
 */
public final class ClassificationMeter implements Meter {
    private final String labels;
    private final String logits;
    private long places;
    private long correct;
    private double loss;

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
        long rows = expected.shape().elements() / expected.shape().extent(0) * counted;
        for (long row = 0; row < rows; row++) {
            int label = expected.memory().getAtIndex(ValueLayout.JAVA_INT, row);
            correct += largest(given.memory(), row, classes) == label ? 1 : 0;
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
}
