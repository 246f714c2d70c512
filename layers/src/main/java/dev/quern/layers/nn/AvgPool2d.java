package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.Value;
import java.util.Optional;

/**
 * The average over windows of x [N, C, H, W]; PyTorch's {@code AvgPool2d}.
 *
 * @param attributes window, stride, padding, and whether padding counts
 * @param madeAt   the user's line
 */
public record AvgPool2d(Pool2dAttributes attributes, SourceLine madeAt) implements Layer {
    /** A window with these attributes. */
    public static AvgPool2d of(Pool2dAttributes attributes) {
        return new AvgPool2d(attributes, SourceLine.ofCaller());
    }

    /** A square window that moves by its own size. */
    public static AvgPool2d of(int kernel) {
        return new AvgPool2d(Pool2dAttributes.kernel(kernel), SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        return context.graph().avgPool2d(input, attributes);
    }

    @Override
    public String toString() {
        return "AvgPool2d(" + attributes + ")";
    }
}
