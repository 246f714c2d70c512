package dev.quern.bench.measure;

import java.util.Arrays;

/**
 * What many runs of one thing took.
 *
 * @param runs   how many runs were timed
 * @param median the median in milliseconds
 * @param min    the shortest in milliseconds
 * @param low    the tenth percentile in milliseconds
 * @param high   the ninetieth percentile in milliseconds
 */
public record Timing(int runs, double median, double min, double low, double high) {
    /** Sums up runs. */
    public static Timing of(long[] nanos) {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("no runs to sum up");
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Timing(sorted.length, quantile(sorted, 0.5), sorted[0] * 1e-6, quantile(sorted, 0.1), quantile(sorted, 0.9));
    }

    /** Linear interpolation between the two nearest ranks. */
    private static double quantile(long[] sorted, double share) {
        double rank = share * (sorted.length - 1);
        int below = (int) rank;
        int above = Math.min(below + 1, sorted.length - 1);
        return (sorted[below] + (rank - below) * (sorted[above] - sorted[below])) * 1e-6;
    }
}
