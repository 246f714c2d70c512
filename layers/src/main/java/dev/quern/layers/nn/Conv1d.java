package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * A one-dimensional convolution of x [N, inChannels, L]; PyTorch's {@code Conv1d}. Parameters {@code weight}
 * [outChannels, inChannels/groups, kernel] and {@code bias} [outChannels].
 *
 * @param inChannels  channels of x
 * @param outChannels channels of the output
 * @param kernel      elements of the kernel
 * @param stride      input elements from one output element to the next
 * @param padding     zeros on either side
 * @param dilation    input elements from one kernel element to the next
 * @param groups      independent groups of channels
 * @param bias        whether there is a bias
 * @param init        initial values of weight and bias
 * @param madeAt      the user's line
 */
public record Conv1d(int inChannels, int outChannels, int kernel, int stride, int padding, int dilation, int groups, boolean bias,
        Initializer init, SourceLine madeAt) implements Layer {
    public Conv1d {
        if (inChannels < 1 || outChannels < 1 || kernel < 1 || groups < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new QuernException("Conv1d(" + inChannels + ", " + outChannels + ", kernel=" + kernel + ", groups=" + groups
                    + "): each must be at least 1, and the groups divide the channels on both sides");
        }
    }

    /** Stride 1, no padding, with a bias and PyTorch's initial values. */
    public static Conv1d of(int inChannels, int outChannels, int kernel) {
        return new Conv1d(inChannels, outChannels, kernel, 1, 0, 1, 1, true, Initializer.inverseSquareRootOfFanIn(), SourceLine.ofCaller());
    }

    /** This with another stride. */
    public Conv1d stride(int value) {
        return new Conv1d(inChannels, outChannels, kernel, value, padding, dilation, groups, bias, init, madeAt);
    }

    /** This with zeros on either side. */
    public Conv1d padding(int value) {
        return new Conv1d(inChannels, outChannels, kernel, stride, value, dilation, groups, bias, init, madeAt);
    }

    /** This with another dilation. */
    public Conv1d dilation(int value) {
        return new Conv1d(inChannels, outChannels, kernel, stride, padding, value, groups, bias, init, madeAt);
    }

    /** This with independent groups of channels. */
    public Conv1d groups(int value) {
        return new Conv1d(inChannels, outChannels, kernel, stride, padding, dilation, value, bias, init, madeAt);
    }

    /** This without a bias. */
    public Conv1d withoutBias() {
        return new Conv1d(inChannels, outChannels, kernel, stride, padding, dilation, groups, false, init, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        if (shape.rank() != 3 || shape.extent(1) != inChannels) {
            throw context.complaint(this, "input " + shape + ", expected [N, " + inChannels + ", L]");
        }
        Fans fans = new Fans(inChannels / groups * kernel, outChannels / groups * kernel);
        Value weight = context.parameter("weight", Shape.of(outChannels, inChannels / groups, kernel), fans, init);
        Value product = context.graph().conv1d(input, weight, stride, padding, dilation, groups);
        return bias ? context.addBias(product, fans, init) : product;
    }

    @Override
    public String toString() {
        return "Conv1d(" + inChannels + ", " + outChannels + ", kernel=" + kernel + (stride == 1 ? "" : ", stride=" + stride)
                + (padding == 0 ? "" : ", padding=" + padding) + (dilation == 1 ? "" : ", dilation=" + dilation)
                + (groups == 1 ? "" : ", groups=" + groups) + (bias ? ")" : ", no bias)");
    }
}
