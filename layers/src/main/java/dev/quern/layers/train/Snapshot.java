package dev.quern.layers.train;

import dev.quern.graph.plan.State;
import dev.quern.runtime.HostTensor;
import java.util.Map;
import java.util.TreeMap;

/**
 * A copy of a state in host memory.
 *
 * @param step    steps done when it was made
 * @param tensors every tensor by path
 */
record Snapshot(long step, Map<String, HostTensor> tensors) {
    /** A copy of everything. */
    static Snapshot of(State state, long step) {
        TreeMap<String, HostTensor> tensors = new TreeMap<>();
        state.paths().forEach(path -> tensors.put(path, state.read(path)));
        return new Snapshot(step, tensors);
    }

    /** Puts everything back. */
    void restore(State state) {
        tensors.forEach(state::write);
    }

    /** Whether every floating-point element is a finite number. */
    boolean isFinite() {
        for (HostTensor tensor : tensors.values()) {
            long elements = tensor.dtype().floating() ? tensor.shape().elements() : 0;
            for (long i = 0; i < elements; i++) {
                if (!Double.isFinite(tensor.get(i))) {
                    return false;
                }
            }
        }
        return true;
    }
}
