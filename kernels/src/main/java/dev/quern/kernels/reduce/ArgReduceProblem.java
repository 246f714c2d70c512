package dev.quern.kernels.reduce;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Locale;

/**
 * Where along an axis of x [outer, axis, inner] the largest or the smallest element lies: y [outer, inner], I32. As in PyTorch
 * NaN counts as the extreme; of equal elements the first one wins, which PyTorch leaves open.
 *
 * @param largest whether the largest is looked for
 * @param dtype   the storage type of x
 * @param outer   how many slices lie before the axis, at least 1
 * @param axis    the length of the axis, at least 1
 * @param inner   elements between neighbours along the axis, at least 1
 */
public record ArgReduceProblem(boolean largest, DType dtype, int outer, int axis, int inner) implements Problem {
    /** The position of the input among the operands. */
    public static final int X = 0;
    /** The position of the indices among the operands. */
    public static final int Y = 1;

    public ArgReduceProblem {
        String text = name(largest) + " of [" + outer + ", " + axis + ", " + inner + "]";
        if (!StorageText.TYPES.contains(dtype)) {
            throw new QuernException(text + ": is " + dtype + "; it is computed for F32, F16 and BF16");
        }
        if (outer < 1 || axis < 1 || inner < 1) {
            throw new QuernException(text + ": every extent must be at least 1; an empty tensor has no extreme");
        }
        if ((double) outer * axis * inner > Integer.MAX_VALUE) {
            throw new QuernException(text + ": more than 2^31 - 1 elements; split the outermost extent");
        }
    }

    /** Along an axis of an F32 tensor; a negative axis counts from the end. */
    public static ArgReduceProblem of(boolean largest, Shape shape, int axis) {
        int rank = shape.rank();
        if (axis < -rank || axis >= rank) {
            throw new QuernException(name(largest) + " along axis " + axis + " of " + shape + ": the axis must be in ["
                    + -rank + ", " + (rank - 1) + "]");
        }
        if (shape.elements() > Integer.MAX_VALUE) {
            throw new QuernException(name(largest) + " of " + shape + ": more than 2^31 - 1 elements");
        }
        int at = axis < 0 ? axis + rank : axis;
        return new ArgReduceProblem(largest, DType.F32, (int) shape.elements(0, at), shape.extent(at),
                (int) shape.elements(at + 1, rank));
    }

    private static String name(boolean largest) {
        return largest ? "argmax" : "argmin";
    }

    /** How many indices there are. */
    public int outputs() {
        return outer * inner;
    }

    @Override
    public String family() {
        return "arg-reduce";
    }

    @Override
    public List<Operand> operands() {
        return List.of(Operand.input("x", dtype, Shape.of(outer, axis, inner)),
                Operand.output("y", DType.I32, Shape.of(outer, inner)));
    }

    @Override
    public Cost cost() {
        return Cost.of((double) outer * axis * inner, operands());
    }

    /** For example {@code arg-reduce argmax f32 64x1000x1}. */
    @Override
    public String key() {
        return "arg-reduce " + name(largest) + " " + dtype.name().toLowerCase(Locale.ROOT) + " " + outer + "x" + axis + "x"
                + inner;
    }
}
