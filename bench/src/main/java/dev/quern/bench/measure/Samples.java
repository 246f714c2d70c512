package dev.quern.bench.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** What runs took, in nanoseconds, block by block: runs of one block are alike in what the machine did meanwhile. */
public final class Samples {
    private static final int RESAMPLES = 500;

    private final List<long[]> blocks;

    private Samples(List<long[]> blocks) {
        this.blocks = blocks;
    }

    /** Samples of these blocks, of which at least one must have a run. */
    public static Samples of(List<long[]> blocks) {
        List<long[]> copies = new ArrayList<>();
        for (long[] block : blocks) {
            if (block.length > 0) {
                copies.add(block.clone());
            }
        }
        if (copies.isEmpty()) {
            throw new IllegalArgumentException("no runs to sum up");
        }
        return new Samples(List.copyOf(copies));
    }

    /** A copy of each block. */
    public List<long[]> blocks() {
        return blocks.stream().map(long[]::clone).toList();
    }

    /** How many runs there are in all. */
    public int runs() {
        return blocks.stream().mapToInt(block -> block.length).sum();
    }

    /** All runs, the shortest first. */
    public long[] sorted() {
        return blocks.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    }

    /** A share of the runs is at most so long, in nanoseconds; linear interpolation between the two nearest ranks. */
    public double quantile(double share) {
        return quantile(sorted(), share);
    }

    private static double quantile(long[] sorted, double share) {
        double rank = share * (sorted.length - 1);
        int below = (int) rank;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
    }

    /**
     * Where the median would fall if the measurement were repeated on the same day: blocks are drawn anew with replacement,
     * then runs within each (bootstrap in two stages; Davison and Hinkley, 1997, section 3.8).
     *
     * @param confidence the share of repetitions that the interval covers
     */
    public Interval medianInterval(double confidence) {
        return Interval.covering(resampledMedians(new SplittableRandom(1)), confidence);
    }

    /** Where the ratio of another measurement's median to this one's would fall. */
    public Interval ratioInterval(Samples other, double confidence) {
        double[] ours = resampledMedians(new SplittableRandom(1));
        double[] theirs = other.resampledMedians(new SplittableRandom(2));
        double[] ratios = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            ratios[i] = theirs[i] / ours[i];
        }
        return Interval.covering(ratios, confidence);
    }

    private double[] resampledMedians(SplittableRandom random) {
        double[] medians = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            long[][] drawn = new long[blocks.size()][];
            int count = 0;
            for (int b = 0; b < drawn.length; b++) {
                drawn[b] = blocks.get(random.nextInt(blocks.size()));
                count += drawn[b].length;
            }
            long[] runs = new long[count];
            int next = 0;
            for (long[] block : drawn) {
                for (int r = 0; r < block.length; r++) {
                    runs[next++] = block[random.nextInt(block.length)];
                }
            }
            Arrays.sort(runs);
            medians[i] = quantile(runs, 0.5);
        }
        return medians;
    }
}
