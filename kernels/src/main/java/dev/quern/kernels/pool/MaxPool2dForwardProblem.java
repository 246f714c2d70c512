package dev.quern.kernels.pool;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Maximum pooling: x [N, C, H, W] gives y [N, C, P, Q], F32, and if asked for, where in its plane each maximum was found:
 * indices [N, C, P, Q], I32, {@code h * W + w}.
 *
 * <p>Windows are searched row by row. Of equal values the first is taken; a NaN is taken whenever it is met, so a window
 * with NaNs gives NaN and the place of the last of them. This is PyTorch's rule {@code value > best || isnan(value)}.
 *
 * @param geometry    sizes and attributes
 * @param withIndices whether the indices are written, which {@link MaxPool2dBackwardProblem} needs
 * @param dtype       storage type of values: F32, F16 or BF16
 */
public record MaxPool2dForwardProblem(Pool2dGeometry geometry, boolean withIndices, DType dtype) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "max-pool2d-forward";

    public MaxPool2dForwardProblem {
        Pool2dPass.requireStorage(geometry, dtype);
    }

    /** The same on F32. */
    public MaxPool2dForwardProblem(Pool2dGeometry geometry, boolean withIndices) {
        this(geometry, withIndices, DType.F32);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    /** x, y and, with indices, indices. */
    @Override
    public List<Operand> operands() {
        List<Operand> operands = new ArrayList<>();
        operands.add(Operand.input("x", dtype, geometry.inputShape()));
        operands.add(Operand.output("y", dtype, geometry.outputShape()));
        if (withIndices) {
            operands.add(Operand.output("indices", DType.I32, geometry.outputShape()));
        }
        return operands;
    }

    /** An epilogue rides on the maxima; the indices are stored as they are. */
    @Override
    public boolean epilogueOnFirstOutput() {
        return true;
    }

    @Override
    public Cost cost() {
        return Cost.of(geometry.operations(), operands());
    }

    @Override
    public String key() {
        return FAMILY + " " + geometry.text() + " " + dtype.name().toLowerCase(Locale.ROOT) + (withIndices ? " indices" : "");
    }
}
