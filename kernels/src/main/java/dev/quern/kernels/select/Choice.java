package dev.quern.kernels.select;

import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import java.util.List;

/**
 * A variant that was chosen for a problem, and why.
 *
 * @param variant    the variant
 * @param parameters the values of its tunables
 * @param reason     {@code pinned}, {@code tuned} or {@code heuristic}, with what decided
 * @param others     the other variants of the family in the order in which they would have been chosen, each with why not
 * @param <P>        the family's problem
 */
public record Choice<P extends Problem>(Variant<P> variant, Parameters parameters, String reason, List<Refusal> others) {
    public Choice {
        others = List.copyOf(others);
    }

    /** A variant that was not chosen. */
    public record Refusal(String variant, String reason) {
    }
}
