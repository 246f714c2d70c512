package dev.quern.kernels.scan;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * What each element along an axis comes to with all before it: x and y are F32 [outer, length, inner], and
 * {@code y[o, k, i]} is the sum (product, maximum, minimum) of {@code x[o, 0 … k, i]}.
 *
 * @param op        SUM, PROD, MAX or MIN
 * @param outer     the product of the extents before the axis
 * @param length    the axis
 * @param inner     the product of the extents behind the axis
 * @param exclusive whether element k itself is left out; the first is then the operation's neutral number
 * @param reverse   whether it runs from the last element to the first
 */
public record ScanProblem(ReduceOp op, int outer, int length, int inner, boolean exclusive, boolean reverse)
        implements Problem {
    /** The family's name. */
    public static final String FAMILY = "scan";

    public ScanProblem {
        if (!op.plain() || outer < 1 || length < 1 || inner < 1 || (double) outer * length * inner > Integer.MAX_VALUE) {
            throw new QuernException("scan " + op.label() + " of [" + outer + ", " + length + ", " + inner
                    + "]: needs sum, prod, max or min, and between 1 and 2^31 - 1 elements");
        }
    }

    /** A scan of a tensor along an axis, counted from the front. */
    public static ScanProblem of(ReduceOp op, Shape shape, int axis, boolean exclusive, boolean reverse) {
        return new ScanProblem(op, Math.toIntExact(shape.elements(0, axis)), shape.extent(axis),
                Math.toIntExact(shape.elements(axis + 1, shape.rank())), exclusive, reverse);
    }

    /** The lines along the axis. */
    long lines() {
        return (long) outer * inner;
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public List<Operand> operands() {
        Shape shape = Shape.of(outer, length, inner);
        return List.of(Operand.input("x", DType.F32, shape), Operand.output("y", DType.F32, shape));
    }

    @Override
    public Cost cost() {
        return Cost.of((double) outer * length * inner, operands());
    }

    @Override
    public String key() {
        return FAMILY + " " + op.label() + " f32 " + outer + "x" + length + "x" + inner + (exclusive ? " exclusive" : "")
                + (reverse ? " reverse" : "");
    }
}
