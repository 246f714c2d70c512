package dev.quern.bench.suite;

import dev.quern.bench.measure.Contestant;

/** A variant that takes part in a bout, or was turned away from it. */
public sealed interface Candidate {
    /** The variant's name. */
    String variant();

    /** Whether variant selection would choose it. */
    boolean best();

    /**
     * It gave the right result and may be timed.
     *
     * @param error   the root-mean-square error relative to the root mean square of the expected values
     * @param sources a hash of its kernels' texts and definitions; empty where there are none
     */
    record Verified(String variant, boolean best, double error, String sources, Contestant contestant) implements Candidate {
        /** One of which no kernel's text is told. */
        public Verified(String variant, boolean best, double error, Contestant contestant) {
            this(variant, best, error, "", contestant);
        }
    }

    /**
     * It did not, and is never timed.
     *
     * @param error  as above; NaN where there was no result at all
     * @param reason what is wrong, in one line
     */
    record Rejected(String variant, boolean best, double error, String reason) implements Candidate {
    }
}
