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
 * A transposed convolution of x [N, inChannels, H, W], which makes images larger by its stride; PyTorch's {@code ConvTranspose2d}.
 * Parameters {@code weight} [inChannels, outChannels/groups, kernel, kernel] and {@code bias} [outChannels].
 *
 * @param inChannels    channels of x
 * @param outChannels   channels of the output
 * @param kernel        rows and columns of the kernel
 * @param attributes    stride, padding, dilation and groups of the convolution that it is the gradient of
 * @param outputPadding rows and columns to add at the bottom and on the right, fewer than the stride or the dilation
 * @param bias          whether there is a bias
 * @param weightInit    initial weights
 * @param biasInit      initial biases
 * @param madeAt        the user's line
 */
public record ConvTranspose2d(int inChannels, int outChannels, int kernel, Conv2dAttributes attributes, int outputPadding, boolean bias,
        Initializer weightInit, Initializer biasInit, SourceLine madeAt) implements Layer {
    public ConvTranspose2d {
        int groups = attributes.groups();
        if (inChannels < 1 || outChannels < 1 || kernel < 1 || groups < 1 || inChannels % groups != 0 || outChannels % groups != 0) {
            throw new QuernException("ConvTranspose2d(" + inChannels + ", " + outChannels + ", kernel=" + kernel + ", groups=" + groups
                    + "): each must be at least 1, and the groups divide the channels on both sides");
        }
    }

    /** Stride 1, no padding, with a bias and PyTorch's initial values. */
    public static ConvTranspose2d of(int inChannels, int outChannels, int kernel) {
        return new ConvTranspose2d(inChannels, outChannels, kernel, Conv2dAttributes.defaults(), 0, true,
                Initializer.inverseSquareRootOfFanIn(), Initializer.inverseSquareRootOfFanIn(), SourceLine.ofCaller());
    }

    /** This with another stride: how many times larger the image becomes. */
    public ConvTranspose2d stride(int stride) {
        return with(attributes.stride(stride));
    }

    /** This with so much taken away on each side. */
    public ConvTranspose2d padding(int padding) {
        return with(attributes.padding(padding));
    }

    /** This with independent groups of channels. */
    public ConvTranspose2d groups(int groups) {
        return with(attributes.groups(groups));
    }

    /** This with other attributes. */
    public ConvTranspose2d with(Conv2dAttributes other) {
        return new ConvTranspose2d(inChannels, outChannels, kernel, other, outputPadding, bias, weightInit, biasInit, madeAt);
    }

    /** This with rows and columns added at the bottom and on the right. */
    public ConvTranspose2d outputPadding(int value) {
        return new ConvTranspose2d(inChannels, outChannels, kernel, attributes, value, bias, weightInit, biasInit, madeAt);
    }

    /** This without a bias. */
    public ConvTranspose2d withoutBias() {
        return new ConvTranspose2d(inChannels, outChannels, kernel, attributes, outputPadding, false, weightInit, biasInit, madeAt);
    }

    /** This with other initial values. */
    public ConvTranspose2d init(Initializer weight, Initializer biases) {
        return new ConvTranspose2d(inChannels, outChannels, kernel, attributes, outputPadding, bias, weight, biases, madeAt);
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
        int perGroup = outChannels / attributes.groups();
        // PyTorch takes the second axis of the weight for inputs, which here are outputs.
        Fans fans = new Fans(perGroup * kernel * kernel, inChannels / attributes.groups() * kernel * kernel);
        Value weight = context.parameter("weight", Shape.of(inChannels, perGroup, kernel, kernel), fans, weightInit);
        Value product = context.graph().convTranspose2d(input, weight, attributes, outputPadding, outputPadding);
        return bias ? context.addBias(product, fans, biasInit) : product;
    }

    @Override
    public String toString() {
        String rest = attributes.toString();
        return "ConvTranspose2d(" + inChannels + ", " + outChannels + ", kernel=" + kernel + "x" + kernel
                + (rest.isEmpty() ? "" : ", " + rest) + (outputPadding == 0 ? "" : ", outputPadding=" + outputPadding)
                + (bias ? ")" : ", no bias)");
    }
}
