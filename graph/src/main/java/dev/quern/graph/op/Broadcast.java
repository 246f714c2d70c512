package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.List;

/** The input repeated to a larger shape by NumPy's rules. Readers go through strides of 0 where they can. */
public record Broadcast(Shape shape) implements Op {
    @Override
    public String label() {
        return "broadcast";
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, "broadcast takes one");
        if (!Broadcasting.reaches(inputs.getFirst().shape(), shape)) {
            throw new IllegalOperandException("input " + inputs.getFirst().shape() + " does not broadcast to " + shape
                    + ": each of its extents must be 1 or equal, aligned at the last axis");
        }
        return List.of(new TensorType(inputs.getFirst().dtype(), shape));
    }

    @Override
    public void vjp(Backward backward) {
        if (backward.wants(0)) {
            Shape input = backward.input(0).shape();
            Value gradient = backward.gradient();
            backward.to(0, backward.emit().sumTo(gradient, input));
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.VIEW;
    }
}
