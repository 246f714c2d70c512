package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.Value;
import java.util.Optional;

/**
 * The maximum over windows of x [N, C, H, W]; PyTorch's {@code MaxPool2d}.
 *
 * @param attributes window, stride, padding, dilation
 * @param madeAt   the user's line
 */
public record MaxPool2d(Pool2dAttributes attributes, SourceLine madeAt) implements Layer {
    /** A window with these attributes. */
    public static MaxPool2d of(Pool2dAttributes attributes) {
        return new MaxPool2d(attributes, SourceLine.ofCaller());
    }

    /** A square window that moves by its own size. */
    public static MaxPool2d of(int kernel) {
        return new MaxPool2d(Pool2dAttributes.kernel(kernel), SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        return context.graph().maxPool2d(input, attributes);
    }

    @Override
    public String toString() {
        return "MaxPool2d(" + attributes + ")";
    }
}
