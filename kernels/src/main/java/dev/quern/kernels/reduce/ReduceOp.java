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
    PROD,
    /** The sum of their squares. */
    SUM_SQUARES,
    /** The sum of their magnitudes: the L1 norm. */
    NORM1,
    /** The root of the sum of their squares: the L2 norm. Squares past the range of F32, of magnitudes over 1.8e19, overflow. */
    NORM2;

    /** The name in keys and messages, in lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether elements count as they are and what they come to is the result: so there are running results too. */
    public boolean plain() {
        return this == SUM || this == MAX || this == MIN || this == PROD;
    }

    /** What an element counts as. */
    double term(double element) {
        return switch (this) {
            case SUM_SQUARES, NORM2 -> element * element;
            case NORM1 -> Math.abs(element);
            case SUM, MEAN, MAX, MIN, PROD -> element;
        };
    }

    /** The result of what all terms came to. */
    double finish(double joined, int terms) {
        return switch (this) {
            case MEAN -> joined / terms;
            case NORM2 -> Math.sqrt(joined);
            case SUM, MAX, MIN, PROD, SUM_SQUARES, NORM1 -> joined;
        };
    }

    /** What an empty set reduces to. */
    public double neutral() {
        return switch (this) {
            case SUM, MEAN, SUM_SQUARES, NORM1, NORM2 -> 0;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
            case PROD -> 1;
        };
    }

    /** Two partial results as one. */
    public double combine(double a, double b) {
        return switch (this) {
            case SUM, MEAN, SUM_SQUARES, NORM1, NORM2 -> a + b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case PROD -> a * b;
        };
    }
}
