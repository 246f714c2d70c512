package dev.quern.graph.fuse;

import java.util.Locale;

/**
 * A fusion that was made or refused.
 *
 * @param accepted whether it was made
 * @param what     what was to be fused into what
 * @param reason   why, or why not
 * @param saved    the microseconds of a step that it is predicted to save, or would; below 0 it would cost. As rough as the numbers of
 *                 {@code Profit}, but of the right size
 */
public record Decision(boolean accepted, String what, String reason, double saved) {
    /** For example {@code fused conv1.relu into conv1: rides on packed_cpu (saves 8.4 us)}. */
    @Override
    public String toString() {
        return (accepted ? "fused " : "refused ") + what + ": " + reason + " (" + prediction() + ")";
    }

    /** For example {@code would save 8.4 us}. */
    public String prediction() {
        return (accepted ? (saved < 0 ? "costs " : "saves ") : (saved < 0 ? "would cost " : "would save "))
                + String.format(Locale.ROOT, "%.1f us", Math.abs(saved));
    }
}
