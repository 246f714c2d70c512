package dev.quern.kernels.normalize;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradients of {@link BatchNormProblem}: with xhat = (x - mean) * rstd and n elements a channel,
 * dbias = sum(dy), dweight = sum(dy * xhat) and dx = weight * rstd * (dy - dbias / n - xhat * dweight / n).
 *
 * <p>Operands, as far as they exist: {@code dy}, {@code x}, {@code weight}, {@code mean}, {@code rstd}; results {@code dx},
 * {@code dweight}, {@code dbias}.
 *
 * @param dtype    the storage type of x, dy and dx
 * @param batch    samples
 * @param channels channels
 * @param inner    elements of a channel of a sample
 * @param affine   whether weight and bias exist
 */
public record BatchNormBackwardProblem(DType dtype, int batch, int channels, int inner, Affine affine)
        implements NormProblem {
    public BatchNormBackwardProblem {
        NormProblem.check("batch-norm-backward", dtype, batch, channels, inner);
    }

    /** How many elements a channel has. */
    public int count() {
        return batch * inner;
    }

    @Override
    public String family() {
        return "batch-norm-backward";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(batch, channels, inner);
        Shape perChannel = Shape.of(channels);
        List<Operand> operands = new ArrayList<>(List.of(Operand.input("dy", dtype, shape), Operand.input("x", dtype, shape)));
        if (affine.weight()) {
            operands.add(Operand.input("weight", DType.F32, perChannel));
        }
        operands.add(Operand.input("mean", DType.F32, perChannel));
        operands.add(Operand.input("rstd", DType.F32, perChannel));
        operands.add(Operand.output("dx", dtype, shape));
        if (affine.weight()) {
            operands.add(Operand.output("dweight", DType.F32, perChannel));
        }
        if (affine.bias()) {
            operands.add(Operand.output("dbias", DType.F32, perChannel));
        }
        return List.copyOf(operands);
    }

    /** Nine operations an element: two sums, a difference and a product; then five for the gradient. */
    @Override
    public Cost cost() {
        return Cost.of(9.0 * elements(), operands());
    }

    @Override
    public boolean epilogueOnFirstOutput() {
        return true;
    }

    /** For example {@code batch-norm-backward f32 32x64x3136}. */
    @Override
    public String key() {
        return "batch-norm-backward " + extents() + affine.suffix();
    }
}
