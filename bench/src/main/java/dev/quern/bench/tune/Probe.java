package dev.quern.bench.tune;

import dev.quern.bench.measure.Timing;
import java.util.List;

/** Tries candidates: verifies them against the reference first, and times only those that are right. */
public interface Probe {
    /** What came of a candidate. */
    sealed interface Result {
        /** It is right and took this long. */
        record Timed(Timing timing) implements Result {
        }

        /** It was not timed, for this reason. */
        record Refused(String reason) implements Result {
        }
    }

    /**
     * Tries one.
     *
     * @param enough a median in milliseconds; what is clearly slower need not be measured well
     */
    Result run(Candidate candidate, double enough);

    /** Times candidates in turns, so that they can be compared closely. All were timed before. */
    List<Timing> compare(List<Candidate> candidates);
}
