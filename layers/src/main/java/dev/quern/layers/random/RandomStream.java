package dev.quern.layers.random;

import dev.quern.kernels.random.Philox;

/**
 * Random numbers in sequence from one {@link Philox} stream. The same seed, purpose and index give the same numbers on
 * every machine: integer arithmetic, exact conversions and {@link StrictMath} only.
 *
 * <p>Not for use by several threads; streams are cheap, so give each thread its own.
 */
public final class RandomStream {
    private final long seed;
    private final long stream;
    private final int[] words = new int[4];
    private long nextBlock;
    private int used = 4;
    private double spareNormal;
    private boolean hasSpareNormal;

    /**
     * @param seed    the user's seed
     * @param purpose what the numbers are for; different purposes are independent
     * @param index   which of many equal purposes, such as the epoch
     */
    public RandomStream(long seed, String purpose, long index) {
        this.seed = seed;
        this.stream = Philox.stream(purpose, index);
    }

    /** 32 uniform bits. */
    public int nextInt() {
        if (used == 4) {
            Philox.block(nextBlock++, stream, seed, words);
            used = 0;
        }
        return words[used++];
    }

    /**
     * Uniform in 0 (inclusive) to {@code bound} (exclusive), without bias. Lemire, "Fast random integer generation in an
     * interval", 2019.
     */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound must be at least 1, not " + bound);
        }
        long product = Integer.toUnsignedLong(nextInt()) * bound;
        if ((product & 0xFFFFFFFFL) < bound) {
            long threshold = (1L << 32) % bound;
            while ((product & 0xFFFFFFFFL) < threshold) {
                product = Integer.toUnsignedLong(nextInt()) * bound;
            }
        }
        return (int) (product >>> 32);
    }

    /** Uniform in [0, 1), a multiple of 2^-24: every value is exact in F32. */
    public float nextFloat() {
        return (nextInt() >>> 8) * 0x1p-24f;
    }

    /** Uniform in [low, high), from {@link #nextFloat()}. */
    public double uniform(double low, double high) {
        return low + (high - low) * nextFloat();
    }

    /** Normal with mean 0 and variance 1, by the transform of Box and Muller (1958). */
    public double normal() {
        if (hasSpareNormal) {
            hasSpareNormal = false;
            return spareNormal;
        }
        // In (0, 1], so that the logarithm is finite.
        double first = (Integer.toUnsignedLong(nextInt()) + 1) * 0x1p-32;
        double second = Integer.toUnsignedLong(nextInt()) * 0x1p-32;
        double radius = Math.sqrt(-2 * StrictMath.log(first));
        spareNormal = radius * StrictMath.sin(2 * Math.PI * second);
        hasSpareNormal = true;
        return radius * StrictMath.cos(2 * Math.PI * second);
    }

    /** Fills the array with a random permutation of 0 to length - 1 (Fisher and Yates). */
    public void permutation(int[] order) {
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        for (int last = order.length - 1; last > 0; last--) {
            int other = nextInt(last + 1);
            int held = order[last];
            order[last] = order[other];
            order[other] = held;
        }
    }
}
