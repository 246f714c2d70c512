package dev.quern.kernels.softmax;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Locale;

/**
 * The gradient of softmax, or of its logarithm, from its result y and the gradient dy of that, along one axis of tensors
 * seen as [outer, axis, inner]: dx = y * (dy - sum(y * dy)) for softmax, and dx = dy - exp(y) * sum(dy) where y holds
 * log-probabilities.
 *
 * @param outer how many slices before the axis, at least 1
 * @param axis  the length of the axis, at least 1
 * @param inner how many elements lie between two neighbours along the axis, at least 1
 * @param log   whether y holds log-probabilities
 * @param dtype the storage type of all operands: F32, F16 or BF16
 */
public record SoftmaxBackwardProblem(int outer, int axis, int inner, boolean log, DType dtype) implements RowProblem {
    /** The position of the forward result among the operands. */
    public static final int Y = 0;
    /** The position of its gradient among the operands. */
    public static final int DY = 1;
    /** The position of the input's gradient among the operands. */
    public static final int DX = 2;

    public SoftmaxBackwardProblem {
        RowView.check("softmax-backward", outer, axis, inner, dtype);
    }

    /** In F32. */
    public SoftmaxBackwardProblem(int outer, int axis, int inner, boolean log) {
        this(outer, axis, inner, log, DType.F32);
    }

    /** This with another storage type. */
    public SoftmaxBackwardProblem storedAs(DType type) {
        return new SoftmaxBackwardProblem(outer, axis, inner, log, type);
    }

    /** The gradient of softmax along an axis of a tensor; a negative axis counts from the end. */
    public static SoftmaxBackwardProblem of(Shape shape, int axis, boolean log) {
        RowView view = RowView.of("softmax-backward", shape, axis);
        return new SoftmaxBackwardProblem(view.outer(), view.axis(), view.inner(), log);
    }

    @Override
    public String family() {
        return "softmax-backward";
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(outer, axis, inner);
        return List.of(Operand.input("y", dtype, shape), Operand.input("dy", dtype, shape),
                Operand.output("dx", dtype, shape));
    }

    /** Four operations an element: the product, its sum, the difference and the scaling. */
    @Override
    public Cost cost() {
        return Cost.of(4.0 * outer * axis * inner, operands());
    }

    /** For example {@code softmax-backward f32 64x10x1 log}. */
    @Override
    public String key() {
        return "softmax-backward " + dtype.name().toLowerCase(Locale.ROOT) + " " + outer + "x" + axis + "x" + inner + (log ? " log" : "");
    }
}
