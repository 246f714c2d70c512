package dev.quern.graph.op;

import java.util.List;

/**
 * The value of a tensor of the state at the beginning of the step.
 *
 * @param path      its path in the state: {@code conv1.weight}
 * @param type      its type
 * @param trainable whether it is a parameter; false for optimizer moments, running statistics and counters
 */
public record Parameter(String path, TensorType type, boolean trainable) implements Op {
    @Override
    public String label() {
        return trainable ? "parameter" : "state";
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        return List.of(type);
    }

    @Override
    public void vjp(Backward backward) {
        // A leaf: its gradient is what the engine has added up.
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.SOURCE;
    }
}
