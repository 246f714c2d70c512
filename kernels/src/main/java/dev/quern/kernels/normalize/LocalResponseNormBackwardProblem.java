package dev.quern.kernels.normalize;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradient of {@link LocalResponseNormProblem}: with s as there,
 * dx = dy / s ^ beta - 2 alpha beta / size * x * sum(dy * x / s ^ (beta + 1)), the sum over the channels that have this one
 * among their neighbours.
 *
 * <p>Operands {@code dy}, {@code x} and {@code dx}.
 *
 * @param dtype    the storage type of x, dy and dx
 * @param batch    samples
 * @param channels channels
 * @param inner    elements of a channel of a sample
 * @param response window and exponents
 */
public record LocalResponseNormBackwardProblem(DType dtype, int batch, int channels, int inner, LocalResponse response)
        implements ResponseProblem {
    public LocalResponseNormBackwardProblem {
        NormProblem.check("local-response-norm-backward", dtype, batch, channels, inner);
    }

    @Override
    public String family() {
        return "local-response-norm-backward";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(batch, channels, inner);
        return List.of(Operand.input("dy", dtype, shape), Operand.input("x", dtype, shape), Operand.output("dx", dtype, shape));
    }

    /** Three operations a neighbour, and the powers as fifteen. */
    @Override
    public Cost cost() {
        return Cost.of((3.0 * response.size() + 15) * elements(), operands());
    }

    /** For example {@code local-response-norm-backward f32 32x96x3025 size=5 alpha=1.0E-4 beta=0.75 k=2.0}. */
    @Override
    public String key() {
        return "local-response-norm-backward " + extents() + " " + response;
    }
}
