package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * Each pixel of x [N, C, H, W] as a square of pixels: [N, C, H * scaleFactor, W * scaleFactor]; PyTorch's {@code Upsample} with the mode
 * {@code nearest} and a whole scale factor.
 *
 * @param scaleFactor rows and columns of a pixel's square
 * @param madeAt      the user's line
 */
public record Upsample(int scaleFactor, SourceLine madeAt) implements Layer {
    public Upsample {
        if (scaleFactor < 1) {
            throw new QuernException("Upsample(" + scaleFactor + "): the factor must be at least 1");
        }
    }

    /** By this factor along both axes. */
    public static Upsample nearest(int scaleFactor) {
        return new Upsample(scaleFactor, SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        if (shape.rank() != 4) {
            throw context.complaint(this, "input " + shape + ", expected [N, C, H, W]");
        }
        int planes = Math.multiplyExact(shape.extent(0), shape.extent(1));
        int h = shape.extent(2);
        int w = shape.extent(3);
        Value pixels = context.graph().reshape(input, planes, h, 1, w, 1);
        Value squares = context.graph().broadcast(pixels, Shape.of(planes, h, scaleFactor, w, scaleFactor));
        return context.graph().reshape(squares, shape.extent(0), shape.extent(1), h * scaleFactor, w * scaleFactor);
    }

    @Override
    public String toString() {
        return "Upsample(" + scaleFactor + ", nearest)";
    }
}
