package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.List;

/** An F32 tensor whose elements are all the same number. */
public record Constant(float value, Shape shape) implements Op {
    @Override
    public String label() {
        return "constant";
    }

    @Override
    public String attributes() {
        return "value=" + value;
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        return List.of(TensorType.f32(shape));
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
