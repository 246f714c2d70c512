package dev.quern.kernels.gather;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Sums by index, the gradient of a {@link GatherProblem}: x is [outer, count, inner] and y [outer, length, inner]. With an index
 * for each row, {@code y[o, l, i]} is the sum of all {@code x[o, j, i]} with {@code index[j] = l}; with an index for each
 * element, of those with {@code index[o, j, i] = l}. Terms are added in the order of j, so that results are the same every time.
 *
 * <p>An index that is not in [0, length) has no place to add to, and makes elements NaN where it would otherwise be lost: the whole
 * result with an index for each row, the column (o, i) with an index for each element. Operands are x (F32), index (I32), y (F32).
 *
 * @param outer      the product of the extents before the axis
 * @param length     the axis of y
 * @param count      the axis of x
 * @param inner      the product of the extents behind the axis
 * @param perElement whether each element of x has an index of its own
 * @param ignored    an index whose terms are left out; -1 for none
 */
public record ScatterAddProblem(int outer, int length, int count, int inner, boolean perElement, int ignored)
        implements Problem {
    /** The family's name. */
    public static final String FAMILY = "scatter_add";

    public ScatterAddProblem {
        GatherProblem.requireExtents(FAMILY, outer, length, count, inner);
    }

    @Override
    public String family() {
        return FAMILY;
    }

    @Override
    public List<Operand> operands() {
        return List.of(Operand.input("x", DType.F32, Shape.of(outer, count, inner)),
                Operand.input("index", DType.I32, perElement ? Shape.of(outer, count, inner) : Shape.of(count)),
                Operand.output("y", DType.F32, Shape.of(outer, length, inner)));
    }

    @Override
    public Cost cost() {
        return Cost.of((double) outer * count * inner, operands());
    }

    @Override
    public String key() {
        return FAMILY + " f32 " + outer + "x" + count + "x" + inner + " to " + length + (perElement ? " per element" : "")
                + (ignored < 0 ? "" : " but " + ignored);
    }
}
