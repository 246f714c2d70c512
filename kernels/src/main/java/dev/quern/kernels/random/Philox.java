package dev.quern.kernels.random;

/**
 * The counter-based generator Philox4x32-10: a keyed bijection of 128-bit counters. Any block can be computed on its
 * own, so a position in a stream needs no saved generator state.
 *
 * <p>Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
public final class Philox {
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private Philox() {
    }

    /**
     * Computes one block of four random words. Allocates nothing.
     *
     * @param low  counter words 0 (lower half) and 1
     * @param high counter words 2 (lower half) and 3
     * @param key  key words 0 (lower half) and 1
     * @param out  receives four words of 32 uniform bits
     */
    public static void block(long low, long high, long key, int[] out) {
        int c0 = (int) low;
        int c1 = (int) (low >>> 32);
        int c2 = (int) high;
        int c3 = (int) (high >>> 32);
        int k0 = (int) key;
        int k1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * Integer.toUnsignedLong(c0);
            long product1 = MULTIPLIER_1 * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }

    /**
     * A 64-bit number for the upper half of the counter, so that purposes never share a stream: {@link #purpose} with the
     * index stirred in.
     *
     * @param purpose what the numbers are for, such as {@code shuffle} or {@code init/0.weight}
     * @param index   which of many equal purposes, such as the epoch
     */
    public static long stream(String purpose, long index) {
        return stream(purpose(purpose), index);
    }

    /** The FNV-1a hash of a purpose. */
    public static long purpose(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    /** A purpose's hash with an index stirred in by the finaliser of SplitMix64. */
    public static long stream(long purpose, long index) {
        long z = purpose + index * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
