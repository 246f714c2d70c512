package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * The channels of each sample of x [N, numChannels, ...] in groups of neighbours, each group with mean 0 and variance 1, then weight and
 * bias; PyTorch's {@code GroupNorm}. Parameters {@code weight} and {@code bias} [numChannels]. Wu and He, "Group normalization", 2018.
 *
 * @param numGroups   groups, a divisor of the channels; as many as channels is instance norm
 * @param numChannels channels of x
 * @param eps         what is added to variances
 * @param affine      whether there are weight and bias
 * @param madeAt      the user's line
 */
public record GroupNorm(int numGroups, int numChannels, double eps, boolean affine, SourceLine madeAt) implements Layer {
    public GroupNorm {
        if (numGroups < 1 || numChannels < 1 || numChannels % numGroups != 0 || !(eps >= 0 && eps < Double.POSITIVE_INFINITY)) {
            throw new QuernException("GroupNorm(" + numGroups + ", " + numChannels + ", eps=" + eps
                    + "): the groups must divide the channels, and eps be finite and at least 0");
        }
    }

    /** With PyTorch's defaults: eps 1e-5, weight 1 and bias 0. */
    public static GroupNorm of(int numGroups, int numChannels) {
        return new GroupNorm(numGroups, numChannels, 1e-5, true, SourceLine.ofCaller());
    }

    /** This with another eps. */
    public GroupNorm eps(double value) {
        return new GroupNorm(numGroups, numChannels, value, affine, madeAt);
    }

    /** This without weight and bias. */
    public GroupNorm withoutAffine() {
        return new GroupNorm(numGroups, numChannels, eps, false, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        if (input.shape().rank() < 2 || input.shape().extent(1) != numChannels) {
            throw context.complaint(this, "input " + input.shape() + ", expected [N, " + numChannels + ", ...]");
        }
        if (!affine) {
            return context.graph().groupNorm(input, numGroups, eps);
        }
        Fans fans = new Fans(numChannels, numChannels);
        Value weight = context.parameter("weight", Shape.of(numChannels), fans, Initializer.constant(1));
        Value bias = context.parameter("bias", Shape.of(numChannels), fans, Initializer.zeros());
        return context.graph().groupNorm(input, numGroups, weight, bias, eps);
    }

    @Override
    public String toString() {
        return "GroupNorm(" + numGroups + ", " + numChannels + (eps == 1e-5 ? "" : ", eps=" + eps) + (affine ? ")" : ", no affine)");
    }
}
