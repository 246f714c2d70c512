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
     * @param error the root-mean-square error relative to the root mean square of the expected values
     */
    record Verified(String variant, boolean best, double error, Contestant contestant) implements Candidate {
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
