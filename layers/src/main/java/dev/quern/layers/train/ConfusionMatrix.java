package dev.quern.layers.train;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * How often samples of each class were taken for each class. Precision of a class is the share of samples taken for it that are of it, recall
 * the share of its samples that were taken for it, F1 their harmonic mean; each is 0 where nothing is there to share. Means over classes are
 * over those that have samples (macro averages).
 */
public final class ConfusionMatrix {
    private final long[][] counts;

    /** Of so many classes, nothing counted yet. */
    public ConfusionMatrix(int classes) {
        counts = new long[classes][classes];
    }

    /** Counts a sample. */
    public void add(int actual, int predicted) {
        counts[actual][predicted]++;
    }

    /** The number of classes. */
    public int classes() {
        return counts.length;
    }

    /** How many samples of a class were taken for a class. */
    public long count(int actual, int predicted) {
        return counts[actual][predicted];
    }

    /** Samples of a class. */
    public long samples(int actual) {
        return IntStream.range(0, classes()).mapToLong(predicted -> counts[actual][predicted]).sum();
    }

    private long taken(int predicted) {
        return IntStream.range(0, classes()).mapToLong(actual -> counts[actual][predicted]).sum();
    }

    /** Of what was taken for a class, the share that is of it. */
    public double precision(int label) {
        return share(counts[label][label], taken(label));
    }

    /** Of a class's samples, the share that was taken for it. */
    public double recall(int label) {
        return share(counts[label][label], samples(label));
    }

    /** The harmonic mean of precision and recall. */
    public double f1(int label) {
        return share(2 * counts[label][label], taken(label) + samples(label));
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /** The mean of the classes' precision. */
    public double macroPrecision() {
        return macro(this::precision);
    }

    /** The mean of the classes' recall. */
    public double macroRecall() {
        return macro(this::recall);
    }

    /** The mean of the classes' F1. */
    public double macroF1() {
        return macro(this::f1);
    }

    private double macro(IntToDoubleFunction measure) {
        return IntStream.range(0, classes()).filter(label -> samples(label) > 0).mapToDouble(measure).average().orElse(0);
    }
}
