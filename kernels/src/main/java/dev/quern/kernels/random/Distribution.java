package dev.quern.kernels.random;

/** What random bits are turned into. */
public sealed interface Distribution {
    /** In [0, 1), a multiple of 2^-24: element i is made of word i of the stream, and equal on every device. */
    Distribution UNIFORM = new Uniform();

    /**
     * Mean 0 and variance 1, by the transform of Box and Muller (1958): elements 2j and 2j + 1 are made of words 2j and 2j + 1
     * of the stream, and equal on every device up to the rounding of its logarithm, sine and cosine.
     */
    Distribution NORMAL = new Normal();

    /** 1 with this probability, else 0. */
    static Distribution bernoulli(double probability) {
        return new Bernoulli(probability);
    }

    /** The name in graphs and keys. */
    String label();

    /** See {@link #UNIFORM}. */
    record Uniform() implements Distribution {
        @Override
        public String label() {
            return "uniform";
        }
    }

    /** See {@link #NORMAL}. */
    record Normal() implements Distribution {
        @Override
        public String label() {
            return "normal";
        }
    }

    /**
     * 1 with a probability, else 0, and equal on every device. Element i has 32 bits of its own and is 1 if they are below the
     * {@link #threshold}. Its upper 16 bits decide all but one time in 65,536, so that eight elements share a block of the
     * generator: they are half i / 4 % 2 (0 is the lower one) of word i % 4 of block i / 8. The lower 16 bits are the same half of
     * the same word of block i / 8 + 2^63, which is computed only where it is needed.
     *
     * @param probability of a 1, above 0 and below 1; what is nearer to either than 2^-32 counts as 2^-32 away
     */
    record Bernoulli(double probability) implements Distribution {
        public Bernoulli {
            if (!(probability > 0 && probability < 1)) {
                throw new IllegalArgumentException("a draw of 0 or 1 with probability " + probability
                        + ": it must be above 0 and below 1; a constant needs no draw");
            }
        }

        /** The probability times 2^32, rounded: from 1 to 2^32 - 1. */
        public long threshold() {
            return Math.clamp(Math.round(probability * 0x1p32), 1, 0xffffffffL);
        }

        @Override
        public String label() {
            return "bernoulli";
        }
    }
}
