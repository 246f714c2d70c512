package dev.quern.kernels.random;

/** What random bits are turned into. */
public enum Distribution {
    /** In [0, 1), a multiple of 2^-24: element i is made of word i of the stream, and equal on every device. */
    UNIFORM,
    /**
     * Mean 0 and variance 1, by the transform of Box and Muller (1958): elements 2j and 2j + 1 are made of words 2j and 2j + 1
     * of the stream, and equal on every device up to the rounding of its logarithm, sine and cosine.
     */
    NORMAL;

    /** The name in graphs and keys, in lower case. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
