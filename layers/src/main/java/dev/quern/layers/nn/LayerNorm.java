package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * Each slice of x [..., normalizedShape...] with mean 0 and variance 1, then weight and bias; PyTorch's {@code LayerNorm}. Parameters
 * {@code weight} and {@code bias} [normalizedShape...]. Ba, Kiros, Hinton, "Layer normalization", 2016.
 *
 * @param normalizedShape the last axes of x
 * @param eps             what is added to variances
 * @param affine          whether there are weight and bias
 * @param madeAt          the user's line
 */
public record LayerNorm(Shape normalizedShape, double eps, boolean affine, SourceLine madeAt) implements Layer {
    public LayerNorm {
        if (normalizedShape.rank() == 0 || normalizedShape.elements() == 0 || !(eps >= 0 && eps < Double.POSITIVE_INFINITY)) {
            throw new QuernException("LayerNorm(" + normalizedShape + ", eps=" + eps
                    + "): needs at least one axis that is not empty, and a finite eps of at least 0");
        }
    }

    /** Over last axes of these extents, with PyTorch's defaults: eps 1e-5, weight 1 and bias 0. */
    public static LayerNorm of(int... normalizedShape) {
        return new LayerNorm(Shape.of(normalizedShape), 1e-5, true, SourceLine.ofCaller());
    }

    /** This with another eps. */
    public LayerNorm eps(double value) {
        return new LayerNorm(normalizedShape, value, affine, madeAt);
    }

    /** This without weight and bias. */
    public LayerNorm withoutAffine() {
        return new LayerNorm(normalizedShape, eps, false, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        int leading = shape.rank() - normalizedShape.rank();
        boolean fits = leading >= 0;
        for (int axis = 0; fits && axis < normalizedShape.rank(); axis++) {
            fits = shape.extent(leading + axis) == normalizedShape.extent(axis);
        }
        if (!fits) {
            throw context.complaint(this, "input " + shape + ", expected last axes " + normalizedShape);
        }
        if (!affine) {
            return context.graph().layerNorm(input, normalizedShape, eps);
        }
        Fans fans = new Fans(normalizedShape.extent(-1), normalizedShape.extent(-1));
        Value weight = context.parameter("weight", normalizedShape, fans, Initializer.constant(1));
        Value bias = context.parameter("bias", normalizedShape, fans, Initializer.zeros());
        return context.graph().layerNorm(input, weight, bias, eps);
    }

    @Override
    public String toString() {
        return "LayerNorm(" + normalizedShape + (eps == 1e-5 ? "" : ", eps=" + eps) + (affine ? ")" : ", no affine)");
    }
}
