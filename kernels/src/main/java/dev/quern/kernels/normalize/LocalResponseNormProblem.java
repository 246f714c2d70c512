package dev.quern.kernels.normalize;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Local response norm across channels (Krizhevsky, Sutskever and Hinton, 2012) of x [batch, channels, inner]:
 * y = x / s ^ beta with s as {@link LocalResponse} says.
 *
 * <p>Operands {@code x} and {@code y}.
 *
 * @param dtype    the storage type of x and y
 * @param batch    samples
 * @param channels channels
 * @param inner    elements of a channel of a sample
 * @param response window and exponents
 */
public record LocalResponseNormProblem(DType dtype, int batch, int channels, int inner, LocalResponse response)
        implements ResponseProblem {
    public LocalResponseNormProblem {
        NormProblem.check("local-response-norm", dtype, batch, channels, inner);
    }

    @Override
    public String family() {
        return "local-response-norm";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(batch, channels, inner);
        return List.of(Operand.input("x", dtype, shape), Operand.output("y", dtype, shape));
    }

    /** Two operations a neighbour, and the power as ten. */
    @Override
    public Cost cost() {
        return Cost.of((2.0 * response.size() + 10) * elements(), operands());
    }

    /** For example {@code local-response-norm f32 32x96x3025 size=5 alpha=1.0E-4 beta=0.75 k=2.0}. */
    @Override
    public String key() {
        return "local-response-norm " + extents() + " " + response;
    }
}
