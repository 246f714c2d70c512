package dev.quern.bench.measure;

import java.util.Arrays;

/**
 * A range of numbers.
 *
 * @param low  the least
 * @param high the greatest
 */
public record Interval(double low, double high) {
    /** The middle of some numbers, leaving out the same share at both ends. */
    static Interval covering(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int cut = (int) Math.round((1 - share) / 2 * (sorted.length - 1));
        return new Interval(sorted[cut], sorted[sorted.length - 1 - cut]);
    }

    /** Half the width relative to the middle. */
    public double relativeHalfWidth() {
        return (high - low) / (high + low);
    }

    /** The interval with both ends multiplied. */
    Interval times(double factor) {
        return new Interval(low * factor, high * factor);
    }
}
