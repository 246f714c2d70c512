package dev.quern.kernels.reduce;

import java.util.Locale;

/** What a reduction does with the elements that share an output. */
public enum ReduceOp {
    /** Their sum. */
    SUM,
    /** Their sum divided by how many they are. */
    MEAN,
    /** The largest, or NaN if one is NaN. */
    MAX,
    /** The smallest, or NaN if one is NaN. */
    MIN,
    /** Their product. */
    PROD;

    /** The name in keys and messages, in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What an empty set reduces to. */
    public double neutral() {
        return switch (this) {
            case SUM, MEAN -> 0;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
            case PROD -> 1;
        };
    }

    /** Two partial results as one. */
    public double combine(double a, double b) {
        return switch (this) {
            case SUM, MEAN -> a + b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case PROD -> a * b;
        };
    }
}
