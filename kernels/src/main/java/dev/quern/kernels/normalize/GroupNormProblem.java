package dev.quern.kernels.normalize;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Group norm (Wu and He, 2018): the channels of each sample of x [batch, channels, inner] in groups of neighbours, and for
 * each group y = (x - mean) * rstd * weight + bias where rstd = 1 / sqrt(variance + epsilon), with mean and biased variance
 * over the group's elements. A group's elements are neighbours in memory: a row.
 *
 * <p>One group and inner = 1 is layer norm over the channels (Ba, Kiros and Hinton, 2016), as many groups as channels is
 * instance norm. Without centring the mean stays and rstd = 1 / sqrt(mean(x^2) + epsilon): RMS norm (Zhang and Sennrich,
 * 2019).
 *
 * <p>Operands, as far as they exist: {@code x}, {@code weight}, {@code bias} (F32 [channels]); results {@code y},
 * {@code mean}, {@code rstd} (F32 [batch, groups]).
 *
 * @param dtype    the storage type of x and y
 * @param batch    samples
 * @param groups   groups of a sample
 * @param channels channels of a sample, a multiple of the groups
 * @param inner    elements of a channel of a sample
 * @param epsilon  at least 0
 * @param centred  whether the mean is subtracted
 * @param affine   whether weight and bias exist
 */
public record GroupNormProblem(DType dtype, int batch, int groups, int channels, int inner, float epsilon, boolean centred,
        Affine affine) implements GroupedProblem {
    public GroupNormProblem {
        NormProblem.check("group-norm", dtype, batch, channels, inner);
        NormProblem.checkEpsilon("group-norm", epsilon);
        GroupedProblem.check("group-norm", batch, groups, channels, inner);
    }

    /** Layer norm of F32 rows. */
    public static GroupNormProblem layerNorm(int rows, int features, float epsilon) {
        return new GroupNormProblem(DType.F32, rows, 1, features, 1, epsilon, true, Affine.WEIGHT_AND_BIAS);
    }

    @Override
    public String family() {
        return "group-norm";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(batch, channels, inner);
        List<Operand> operands = new ArrayList<>(List.of(Operand.input("x", dtype, shape)));
        if (affine.weight()) {
            operands.add(Operand.input("weight", DType.F32, Shape.of(channels)));
        }
        if (affine.bias()) {
            operands.add(Operand.input("bias", DType.F32, Shape.of(channels)));
        }
        operands.add(Operand.output("y", dtype, shape));
        if (centred) {
            operands.add(Operand.output("mean", DType.F32, Shape.of(batch, groups)));
        }
        operands.add(Operand.output("rstd", DType.F32, Shape.of(batch, groups)));
        return List.copyOf(operands);
    }

    /** Seven operations an element: sum, difference, square and its sum; difference, product and sum. */
    @Override
    public Cost cost() {
        return Cost.of(7.0 * elements(), operands());
    }

    @Override
    public boolean epilogueOnFirstOutput() {
        return true;
    }

    /** For example {@code group-norm f32 8192x1024x1 groups=1 epsilon=1.0E-5}. */
    @Override
    public String key() {
        return "group-norm " + extents() + " groups=" + groups + " epsilon=" + epsilon + (centred ? "" : " rms")
                + affine.suffix();
    }
}
