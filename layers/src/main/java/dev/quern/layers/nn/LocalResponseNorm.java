package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import java.util.Optional;

/**
 * Each element of x [N, C, ...] divided by {@code (k + alpha / size * sum)^beta}, the sum of squares over the {@code size} neighbouring
 * channels at its place; PyTorch's {@code LocalResponseNorm}. The paper writes alpha without dividing by the size: its 1e-4 with a size
 * of 5 is 5e-4 here. Krizhevsky, Sutskever, Hinton, "ImageNet classification with deep convolutional neural networks", 2012, section 3.3.
 *
 * @param size   neighbouring channels
 * @param alpha  the share of the squares
 * @param beta   the exponent
 * @param k      what is added
 * @param madeAt the user's line
 */
public record LocalResponseNorm(int size, double alpha, double beta, double k, SourceLine madeAt) implements Layer {
    public LocalResponseNorm {
        if (size < 1) {
            throw new QuernException("LocalResponseNorm(" + size + "): needs at least one channel");
        }
    }

    /** With PyTorch's defaults: alpha 1e-4, beta 0.75, k 1. */
    public static LocalResponseNorm of(int size) {
        return new LocalResponseNorm(size, 1e-4, 0.75, 1, SourceLine.ofCaller());
    }

    /** With other constants. */
    public static LocalResponseNorm of(int size, double alpha, double beta, double k) {
        return new LocalResponseNorm(size, alpha, beta, k, SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        if (input.shape().rank() < 3) {
            throw context.complaint(this, "input " + input.shape() + ", expected [N, C, L] or [N, C, H, W]");
        }
        return context.graph().localResponseNorm(input, size, alpha, beta, k);
    }

    @Override
    public String toString() {
        return "LocalResponseNorm(" + size + ", alpha=" + alpha + ", beta=" + beta + ", k=" + k + ")";
    }
}
