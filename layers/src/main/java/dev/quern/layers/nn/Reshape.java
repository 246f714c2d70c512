package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * Each sample's elements under another shape: x [N, ...] becomes [N, shape...]. PyTorch's {@code Flatten} and {@code Unflatten} in one.
 *
 * @param shape  the shape of a sample
 * @param madeAt the user's line
 */
public record Reshape(Shape shape, SourceLine madeAt) implements Layer {
    /** With these extents a sample. */
    public static Reshape of(int... extents) {
        return new Reshape(Shape.of(extents), SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape from = input.shape();
        if (from.rank() < 1 || from.elements(1, from.rank()) != shape.elements()) {
            throw context.complaint(this, "input " + from + ", expected [N, ...] with " + shape.elements() + " elements a sample");
        }
        int[] extents = new int[shape.rank() + 1];
        extents[0] = from.extent(0);
        for (int axis = 0; axis < shape.rank(); axis++) {
            extents[axis + 1] = shape.extent(axis);
        }
        return context.graph().reshape(input, extents);
    }

    @Override
    public String toString() {
        return "Reshape(" + shape + ")";
    }
}
