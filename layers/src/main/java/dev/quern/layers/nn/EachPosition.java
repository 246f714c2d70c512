package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * A layer of rows [N, features] on each position of x [..., features] by itself; its parameters stand under this layer's own
 * path. PyTorch's {@code Linear} does so unasked.
 *
 * @param layer gives [N, outputs]
 */
public record EachPosition(Layer layer) implements Layer {
    /** The layer on each position. */
    public static EachPosition of(Layer layer) {
        return new EachPosition(layer);
    }

    @Override
    public Optional<SourceLine> line() {
        return layer.line();
    }

    @Override
    public Value build(LayerContext context, Value input) {
        int[] extents = input.shape().toArray();
        if (extents.length < 2) {
            throw context.complaint(this, "input " + input.shape() + ", expected [..., features]");
        }
        Value rows = layer.build(context, context.graph().reshape(input, -1, extents[extents.length - 1]));
        extents[extents.length - 1] = rows.shape().extent(-1);
        return context.graph().reshape(rows, Shape.of(extents));
    }

    @Override
    public String toString() {
        return layer.toString();
    }
}
