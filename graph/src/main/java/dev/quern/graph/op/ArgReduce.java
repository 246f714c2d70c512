package dev.quern.graph.op;

import dev.quern.kernels.reduce.ArgReduceProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Where along an axis the largest or the smallest element lies, I32: the first of equals, and NaN before all others.
 *
 * @param largest  whether the largest is looked for
 * @param axis     counted from the front
 * @param keepdims whether the axis stays as an extent of 1
 */
public record ArgReduce(boolean largest, int axis, boolean keepdims) implements Op {
    @Override
    public String label() {
        return largest ? "argmax" : "argmin";
    }

    @Override
    public String attributes() {
        return "axis=" + axis + (keepdims ? ", keepdims" : "");
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        Types.count(inputs, 1, label() + " takes one");
        Types.f32("input", inputs.getFirst());
        Shape input = inputs.getFirst().shape();
        ArgReduceProblem.of(largest, input, axis);
        int[] extents = new int[keepdims ? input.rank() : input.rank() - 1];
        for (int i = 0, at = 0; i < input.rank(); i++) {
            if (i != axis || keepdims) {
                extents[at++] = i == axis ? 1 : input.extent(i);
            }
        }
        return List.of(new TensorType(DType.I32, Shape.of(extents)));
    }

    @Override
    public void vjp(Backward backward) {
        throw new IllegalOperandException(label() + " has no gradient: places do not change smoothly");
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }
}
