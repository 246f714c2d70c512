package dev.quern.kernels.softmax;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Locale;

/**
 * Softmax, or its logarithm, along one axis of a tensor that is seen as [outer, axis, inner]:
 * y = exp(x - max) / sum(exp(x - max)), or log y = x - max - log(sum(exp(x - max))). Subtracting the largest value keeps
 * every exponent at most 0, so that no finite input overflows. A row that holds a NaN or only infinities gives NaN.
 *
 * @param outer how many slices before the axis, at least 1
 * @param axis  the length of the axis, at least 1
 * @param inner how many elements lie between two neighbours along the axis, at least 1
 * @param log   whether log-probabilities are wanted
 * @param dtype the storage type of all operands: F32, F16 or BF16
 */
public record SoftmaxProblem(int outer, int axis, int inner, boolean log, DType dtype) implements RowProblem {
    /** The position of the input among the operands. */
    public static final int X = 0;
    /** The position of the output among the operands. */
    public static final int Y = 1;

    public SoftmaxProblem {
        RowView.check("softmax", outer, axis, inner, dtype);
    }

    /** In F32. */
    public SoftmaxProblem(int outer, int axis, int inner, boolean log) {
        this(outer, axis, inner, log, DType.F32);
    }

    /** This with another storage type. */
    public SoftmaxProblem storedAs(DType type) {
        return new SoftmaxProblem(outer, axis, inner, log, type);
    }

    /** Softmax along an axis of a tensor; a negative axis counts from the end. */
    public static SoftmaxProblem of(Shape shape, int axis, boolean log) {
        RowView view = RowView.of("softmax", shape, axis);
        return new SoftmaxProblem(view.outer(), view.axis(), view.inner(), log);
    }

    @Override
    public String family() {
        return "softmax";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(outer, axis, inner);
        return List.of(Operand.input("x", dtype, shape), Operand.output("y", dtype, shape));
    }

    /** Five operations an element: maximum, difference, exponential, sum, quotient. */
    @Override
    public Cost cost() {
        return Cost.of(5.0 * outer * axis * inner, operands());
    }

    /** For example {@code softmax f32 64x10x1 log}. */
    @Override
    public String key() {
        return "softmax " + dtype.name().toLowerCase(Locale.ROOT) + " " + outer + "x" + axis + "x" + inner + (log ? " log" : "");
    }
}
