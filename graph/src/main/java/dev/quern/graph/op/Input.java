package dev.quern.graph.op;

import java.util.List;

/** A tensor that the host fills in before each step. */
public record Input(String name, TensorType type) implements Op {
    @Override
    public String label() {
        return "input";
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
