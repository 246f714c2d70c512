package dev.quern.graph.op;

import java.util.List;

/** An F32 scalar that the host sets before a step: a learning rate, a bias correction. It keeps its value until set again. */
public record StepScalar(String name) implements Op {
    @Override
    public String label() {
        return "step_scalar";
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        return List.of(TensorType.f32());
    }

    @Override
    public void vjp(Backward backward) {
        // A leaf.
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.SOURCE;
    }
}
