package dev.quern.kernels.gather;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Locale;

/**
 * Elements along an axis by index: x is [outer, length, inner] and y [outer, count, inner]. With an index for each row,
 * {@code y[o, j, i] = x[o, index[j], i]} (PyTorch's index_select and embedding); with an index for each element,
 * {@code y[o, j, i] = x[o, index[o, j, i], i]} (PyTorch's gather). Elements move bit for bit.
 *
 * <p>An index that is not in [0, length) is never followed: its elements of y are NaN, or the smallest number of an integer type.
 * Operands are x, index (I32) and y.
 *
 * @param dtype      the storage type of x and y: any but U8 and BOOL, which have no value to tell a wrong index by
 * @param outer      the product of the extents before the axis
 * @param length     the axis of x
 * @param count      the axis of y
 * @param inner      the product of the extents behind the axis
 * @param perElement whether each element of y has an index of its own
 */
public record GatherProblem(DType dtype, int outer, int length, int count, int inner, boolean perElement) implements Problem {
    /** The family's name. */
    public static final String FAMILY = "gather";
    /** The position of the source among the operands. */
    public static final int X = 0;
    /** The position of the indices among the operands. */
    public static final int INDEX = 1;
    /** The position of the result among the operands. */
    public static final int Y = 2;

    public GatherProblem {
        requireExtents(FAMILY, outer, length, count, inner);
        if (dtype == DType.U8 || dtype == DType.BOOL) {
            throw new QuernException("gather from " + dtype + ": has no value to mark wrong indices with; cast it first");
        }
    }

    static void requireExtents(String family, int outer, int length, int count, int inner) {
        if (outer < 1 || length < 1 || count < 1 || inner < 1
                || (double) outer * Math.max(length, count) * inner > Integer.MAX_VALUE) {
            throw new QuernException(family + " of [" + outer + ", " + length + ", " + inner + "] with " + count
                    + " indices: needs between 1 and 2^31 - 1 elements on either side");
        }
    }

    /** The shape of the indices. */
    Shape indexShape() {
        return perElement ? Shape.of(outer, count, inner) : Shape.of(count);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public List<Operand> operands() {
        return List.of(Operand.input("x", dtype, Shape.of(outer, length, inner)), Operand.input("index", DType.I32, indexShape()),
                Operand.output("y", dtype, Shape.of(outer, count, inner)));
    }

    /** The indices, and each element of y read and written once. */
    @Override
    public Cost cost() {
        return new Cost(0, 2.0 * outer * count * inner * dtype.bytes() + 4.0 * indexShape().elements());
    }

    @Override
    public String key() {
        return FAMILY + " " + dtype.toString().toLowerCase(Locale.ROOT) + " " + outer + "x" + length + "x" + inner + " by " + count
                + (perElement ? " per element" : "");
    }
}
