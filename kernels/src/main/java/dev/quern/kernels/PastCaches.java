package dev.quern.kernels;

/**
 * From which size on CPU kernels store results past the caches: what would leave them before anybody reads it takes room from what stays,
 * and its lines need not be read first.
 */
public final class PastCaches {
    /**
     * The system property that gives a size in bytes in place of every kernel's own, so that small problems reach those stores too: at
     * least 1, since what is not aligned for them is asked for as no bytes at all.
     */
    public static final String BYTES = "quern.pastcaches.bytes";

    private PastCaches() {
    }

    /**
     * Whether results had better go past the caches.
     *
     * @param bytes what is stored, or what is moved in all
     * @param usual from how many of these on
     */
    public static boolean are(double bytes, long usual) {
        return bytes >= Long.getLong(BYTES, usual);
    }
}
