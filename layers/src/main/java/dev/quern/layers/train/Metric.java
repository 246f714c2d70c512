package dev.quern.layers.train;

/**
 * A measure of a model's quality.
 *
 * @param name   {@code accuracy}; in files it appears as {@code test_accuracy}
 * @param value  the measure
 * @param better which way is better
 */
public record Metric(String name, double value, Better better) {
    /** Which way a measure is better. */
    public enum Better {
        /** As of an accuracy. */
        HIGHER,
        /** As of a loss. */
        LOWER
    }

    /** A measure of which more is better. */
    public static Metric higher(String name, double value) {
        return new Metric(name, value, Better.HIGHER);
    }

    /** A measure of which less is better. */
    public static Metric lower(String name, double value) {
        return new Metric(name, value, Better.LOWER);
    }

    /** Whether this is better than another value of the same measure; nothing is better than equal, any number is better than NaN. */
    public boolean isBetterThan(double other) {
        if (Double.isNaN(value) || Double.isNaN(other)) {
            return Double.isNaN(other) && !Double.isNaN(value);
        }
        return better == Better.HIGHER ? value > other : value < other;
    }
}
