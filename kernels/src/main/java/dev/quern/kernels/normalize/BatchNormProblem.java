package dev.quern.kernels.normalize;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Batch norm in training (Ioffe and Szegedy, 2015): for each channel of x [batch, channels, inner], with mean and biased
 * variance over batch and inner, y = (x - mean) * rstd * weight + bias where rstd = 1 / sqrt(variance + epsilon). Mean and
 * rstd are results too, for the gradient. The running statistics move as PyTorch's do:
 * new = (1 - momentum) * old + momentum * now, the variance with the unbiased estimate.
 *
 * <p>Operands, as far as they exist: {@code x}, {@code weight}, {@code bias}, {@code running_mean}, {@code running_var};
 * results {@code y}, {@code mean}, {@code rstd}, {@code new_running_mean}, {@code new_running_var}; all but x and y are F32
 * [channels].
 *
 * @param dtype    the storage type of x and y
 * @param batch    samples
 * @param channels channels
 * @param inner    elements of a channel of a sample; with the batch more than one
 * @param epsilon  at least 0
 * @param momentum the share of the new statistics, in [0, 1]
 * @param affine   whether weight and bias exist
 * @param running  whether running statistics exist
 */
public record BatchNormProblem(DType dtype, int batch, int channels, int inner, float epsilon, float momentum, Affine affine,
        boolean running) implements NormProblem {
    public BatchNormProblem {
        NormProblem.check("batch-norm", dtype, batch, channels, inner);
        NormProblem.checkEpsilon("batch-norm", epsilon);
        if (batch * (long) inner < 2) {
            throw new QuernException("batch-norm of [" + batch + ", " + channels + ", " + inner
                    + "]: a channel has one value, so it has no variance; train with a larger batch");
        }
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new QuernException("batch-norm: momentum " + momentum + " must be in [0, 1]");
        }
    }

    /** How many elements a channel has. */
    public int count() {
        return batch * inner;
    }

    @Override
    public String family() {
        return "batch-norm";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(batch, channels, inner);
        Shape perChannel = Shape.of(channels);
        List<Operand> operands = new ArrayList<>(List.of(Operand.input("x", dtype, shape)));
        if (affine.weight()) {
            operands.add(Operand.input("weight", DType.F32, perChannel));
        }
        if (affine.bias()) {
            operands.add(Operand.input("bias", DType.F32, perChannel));
        }
        if (running) {
            operands.add(Operand.input("running_mean", DType.F32, perChannel));
            operands.add(Operand.input("running_var", DType.F32, perChannel));
        }
        operands.add(Operand.output("y", dtype, shape));
        operands.add(Operand.output("mean", DType.F32, perChannel));
        operands.add(Operand.output("rstd", DType.F32, perChannel));
        if (running) {
            operands.add(Operand.output("new_running_mean", DType.F32, perChannel));
            operands.add(Operand.output("new_running_var", DType.F32, perChannel));
        }
        return List.copyOf(operands);
    }

    /** Seven operations an element: sum, difference, square and its sum; difference, product and sum. */
    @Override
    public Cost cost() {
        return Cost.of(7.0 * elements(), operands());
    }

    /** The output alone stands under an epilogue; statistics are stored as they are. */
    @Override
    public boolean epilogueOnFirstOutput() {
        return true;
    }

    /** For example {@code batch-norm f32 32x64x3136 epsilon=1.0E-5 momentum=0.1}. */
    @Override
    public String key() {
        return "batch-norm " + extents() + " epsilon=" + epsilon + (running ? " momentum=" + momentum : "") + affine.suffix();
    }
}
