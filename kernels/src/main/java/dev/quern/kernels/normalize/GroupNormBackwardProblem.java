package dev.quern.kernels.normalize;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradients of {@link GroupNormProblem}: with xhat = (x - mean) * rstd, g = dy * weight and averages over a row,
 * dx = rstd * (g - average(g) - xhat * average(g * xhat)), without average(g) where nothing was centred;
 * dweight = sum(dy * xhat) and dbias = sum(dy) over batch and inner.
 *
 * <p>Operands, as far as they exist: {@code dy}, {@code x}, {@code weight}, {@code mean}, {@code rstd}; results {@code dx},
 * {@code dweight}, {@code dbias}.
 *
 * @param dtype    the storage type of x, dy and dx
 * @param batch    samples
 * @param groups   groups of a sample
 * @param channels channels of a sample, a multiple of the groups
 * @param inner    elements of a channel of a sample
 * @param centred  whether the mean was subtracted
 * @param affine   whether weight and bias exist
 */
public record GroupNormBackwardProblem(DType dtype, int batch, int groups, int channels, int inner, boolean centred,
        Affine affine) implements GroupedProblem {
    public GroupNormBackwardProblem {
        NormProblem.check("group-norm-backward", dtype, batch, channels, inner);
        GroupedProblem.check("group-norm-backward", batch, groups, channels, inner);
    }

    @Override
    public String family() {
        return "group-norm-backward";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(batch, channels, inner);
        Shape perRow = Shape.of(batch, groups);
        List<Operand> operands = new ArrayList<>(List.of(Operand.input("dy", dtype, shape), Operand.input("x", dtype, shape)));
        if (affine.weight()) {
            operands.add(Operand.input("weight", DType.F32, Shape.of(channels)));
        }
        if (centred) {
            operands.add(Operand.input("mean", DType.F32, perRow));
        }
        operands.add(Operand.input("rstd", DType.F32, perRow));
        operands.add(Operand.output("dx", dtype, shape));
        if (affine.weight()) {
            operands.add(Operand.output("dweight", DType.F32, Shape.of(channels)));
        }
        if (affine.bias()) {
            operands.add(Operand.output("dbias", DType.F32, Shape.of(channels)));
        }
        return List.copyOf(operands);
    }

    /** Eleven operations an element: two weighted sums, two plain ones, then five for the gradient. */
    @Override
    public Cost cost() {
        return Cost.of(11.0 * elements(), operands());
    }

    @Override
    public boolean epilogueOnFirstOutput() {
        return true;
    }

    /** For example {@code group-norm-backward f32 8192x1024x1 groups=1}. */
    @Override
    public String key() {
        return "group-norm-backward " + extents() + " groups=" + groups + (centred ? "" : " rms") + affine.suffix();
    }
}
