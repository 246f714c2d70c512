package dev.quern.bench.result;

import dev.quern.bench.measure.Interval;
import dev.quern.bench.measure.Samples;

/**
 * How a new measurement stands to an old one.
 *
 * @param verdict  the answer
 * @param ratio    the new median relative to the old one: below 1 is faster
 * @param interval where that ratio would fall if both were repeated
 */
public record Comparison(Verdict verdict, double ratio, Interval interval) {
    /** Fewer runs than this say nothing about their noise. */
    private static final int FEWEST_RUNS = 5;

    /** The answers. */
    public enum Verdict {
        /** The whole interval is within the threshold around 1. */
        SAME,
        /** The whole interval is below 1 by more than the threshold. */
        FASTER,
        /** The whole interval is above 1 by more than the threshold. */
        SLOWER,
        /** The interval allows more than one of these answers. */
        AMBIGUOUS
    }

    /**
     * Compares.
     *
     * @param threshold  which relative difference is of no interest, for example 0.03
     * @param confidence of the interval, for example 0.99
     */
    public static Comparison of(Samples before, Samples after, double threshold, double confidence) {
        double ratio = after.quantile(0.5) / before.quantile(0.5);
        Interval interval = before.ratioInterval(after, confidence);
        return new Comparison(verdict(interval, threshold, Math.min(before.runs(), after.runs())), ratio, interval);
    }

    private static Verdict verdict(Interval interval, double threshold, int runs) {
        if (runs < FEWEST_RUNS) {
            return Verdict.AMBIGUOUS;
        }
        double slower = 1 + threshold;
        double faster = 1 / slower;
        if (interval.low() > slower) {
            return Verdict.SLOWER;
        }
        if (interval.high() < faster) {
            return Verdict.FASTER;
        }
        return interval.low() >= faster && interval.high() <= slower ? Verdict.SAME : Verdict.AMBIGUOUS;
    }
}
