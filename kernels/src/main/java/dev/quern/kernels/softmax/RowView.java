package dev.quern.kernels.softmax;

import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;

/** A tensor seen as [outer, axis, inner] around one of its axes. */
record RowView(int outer, int axis, int inner) {
    static RowView of(String what, Shape shape, int axis) {
        int rank = shape.rank();
        if (axis < -rank || axis >= rank) {
            throw new QuernException(what + " along axis " + axis + " of " + shape + ": the axis must be in [" + -rank + ", "
                    + (rank - 1) + "]");
        }
        int at = axis < 0 ? axis + rank : axis;
        if (shape.elements() > Integer.MAX_VALUE) {
            throw new QuernException(what + " of " + shape + ": more than 2^31 - 1 elements; split the outermost extent");
        }
        return new RowView((int) shape.elements(0, at), shape.extent(at), (int) shape.elements(at + 1, rank));
    }

    static void check(String what, int outer, int axis, int inner, DType dtype) {
        String text = what + " of [" + outer + ", " + axis + ", " + inner + "]";
        if (outer < 1 || axis < 1 || inner < 1) {
            throw new QuernException(text + ": every extent must be at least 1");
        }
        if ((double) outer * axis * inner > Integer.MAX_VALUE) {
            throw new QuernException(text + ": more than 2^31 - 1 elements; split the outermost extent");
        }
        storage(text, dtype);
    }

    static void storage(String text, DType dtype) {
        if (!StorageText.TYPES.contains(dtype)) {
            throw new QuernException(text + ": storage type " + dtype + " must be F32, F16 or BF16");
        }
    }
}
