package dev.quern.graph.fuse;

/**
 * A fusion that was made or refused.
 *
 * @param accepted whether it was made
 * @param what     what was to be fused into what
 * @param reason   why, or why not
 */
public record Decision(boolean accepted, String what, String reason) {
    /** For example {@code fused conv1.relu into conv1: rides on packed_cpu}. */
    @Override
    public String toString() {
        return (accepted ? "fused " : "refused ") + what + ": " + reason;
    }
}
