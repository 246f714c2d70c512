package dev.quern.bench.measure;

import java.util.List;

/**
 * What many runs of one thing took.
 *
 * @param samples  the runs
 * @param runs     how many were timed
 * @param median   the median in milliseconds
 * @param min      the shortest in milliseconds
 * @param low      the tenth percentile in milliseconds
 * @param high     the ninetieth percentile in milliseconds
 * @param interval the 95 % interval of the median in milliseconds
 */
public record Timing(Samples samples, int runs, double median, double min, double low, double high, Interval interval) {
    private static final double MILLIS = 1e-6;
    private static final double CONFIDENCE = 0.95;

    /** Sums up runs. */
    public static Timing of(Samples samples) {
        return new Timing(samples, samples.runs(), samples.quantile(0.5) * MILLIS, samples.quantile(0) * MILLIS,
                samples.quantile(0.1) * MILLIS, samples.quantile(0.9) * MILLIS, samples.medianInterval(CONFIDENCE).times(MILLIS));
    }

    /** Sums up one block. */
    public static Timing of(long[] nanos) {
        return of(Samples.of(List.of(nanos)));
    }
}
