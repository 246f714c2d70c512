package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Conv2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * A two-dimensional convolution of x [N, inChannels, H, W]; PyTorch's {@code Conv2d}. Parameters {@code weight}
 * [outChannels, inChannels/groups, kernelH, kernelW] and {@code bias} [outChannels].
 *
 * @param inChannels  channels of x
 * @param outChannels channels of the output
 * @param kernelH     rows of the kernel
 * @param kernelW     columns of the kernel
 * @param attributes  stride, padding, dilation and groups
 * @param bias        whether there is a bias
 * @param weightInit  initial weights
 * @param biasInit    initial biases
 * @param madeAt      the user's line
 */
public record Conv2d(int inChannels, int outChannels, int kernelH, int kernelW, Conv2dAttributes attributes,
        boolean bias, Initializer weightInit, Initializer biasInit, SourceLine madeAt) implements Layer {
    public Conv2d {
        if (inChannels < 1 || outChannels < 1 || kernelH < 1 || kernelW < 1) {
            throw new QuernException("Conv2d(" + inChannels + ", " + outChannels + ", kernel=" + kernelH + "x" + kernelW
                    + "): channels and kernel must be at least 1");
        }
        int groups = attributes.groups();
        if (groups < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new QuernException("Conv2d(" + inChannels + ", " + outChannels + "): " + groups
                    + " groups must divide the channels on both sides");
        }
    }

    /** A square kernel, stride 1, no padding, with a bias and PyTorch's initial values. */
    public static Conv2d of(int inChannels, int outChannels, int kernel) {
        return new Conv2d(inChannels, outChannels, kernel, kernel, Conv2dAttributes.defaults(), true,
                Initializer.inverseSquareRootOfFanIn(), Initializer.inverseSquareRootOfFanIn(), SourceLine.ofCaller());
    }

    /** This with another stride. */
    public Conv2d stride(int stride) {
        return with(attributes.stride(stride));
    }

    /** This with zeros around the image. */
    public Conv2d padding(int padding) {
        return with(attributes.padding(padding));
    }

    /** This with another dilation. */
    public Conv2d dilation(int dilation) {
        return with(attributes.dilation(dilation));
    }

    /** This with independent groups of channels. */
    public Conv2d groups(int groups) {
        return with(attributes.groups(groups));
    }

    /** This with other attributes. */
    public Conv2d with(Conv2dAttributes other) {
        return new Conv2d(inChannels, outChannels, kernelH, kernelW, other, bias, weightInit, biasInit,
                madeAt);
    }

    /** This with other initial values. */
    public Conv2d init(Initializer weight, Initializer bias) {
        return new Conv2d(inChannels, outChannels, kernelH, kernelW, attributes, this.bias, weight, bias,
                madeAt);
    }

    /** This without a bias. */
    public Conv2d withoutBias() {
        return new Conv2d(inChannels, outChannels, kernelH, kernelW, attributes, false, weightInit, biasInit,
                madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        if (shape.rank() != 4 || shape.extent(1) != inChannels) {
            throw context.complaint(this, "input " + shape + ", expected [N, " + inChannels + ", H, W]");
        }
        int area = kernelH * kernelW;
        int groups = attributes.groups();
        Fans fans = new Fans(inChannels / groups * area, outChannels / groups * area);
        Value weight = context.parameter("weight", Shape.of(outChannels, inChannels / groups, kernelH, kernelW), fans,
                weightInit);
        Value product = context.graph().conv2d(input, weight, attributes);
        return bias ? context.addBias(product, fans, biasInit) : product;
    }

    @Override
    public String toString() {
        String rest = attributes.toString();
        return "Conv2d(" + inChannels + ", " + outChannels + ", kernel=" + kernelH + "x" + kernelW
                + (rest.isEmpty() ? "" : ", " + rest) + (bias ? ")" : ", no bias)");
    }
}
