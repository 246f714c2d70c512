package dev.quern.graph.op;

import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** NumPy's broadcasting rules: shapes are aligned at their last axes, and an extent of 1 repeats. */
public final class Broadcasting {
    private Broadcasting() {
    }

    /**
     * The common shape.
     *
     * @throws IllegalOperandException if two extents differ and neither is 1
     */
    public static Shape common(List<Shape> shapes) {
        int rank = shapes.stream().mapToInt(Shape::rank).max().orElse(0);
        int[] extents = new int[rank];
        Arrays.fill(extents, 1);
        for (Shape shape : shapes) {
            for (int axis = 1; axis <= shape.rank(); axis++) {
                int extent = shape.extent(-axis);
                int at = rank - axis;
                if (extent != 1) {
                    if (extents[at] != 1 && extents[at] != extent) {
                        throw new IllegalOperandException("shapes " + shapes + " do not broadcast: axis " + -axis + " is "
                                + extents[at] + " and " + extent + "; equal extents or 1 are needed");
                    }
                    extents[at] = extent;
                }
            }
        }
        return Shape.of(extents);
    }

    /** Whether {@code from} broadcasts to exactly {@code to}. */
    public static boolean reaches(Shape from, Shape to) {
        if (from.rank() > to.rank()) {
            return false;
        }
        for (int axis = 1; axis <= from.rank(); axis++) {
            int extent = from.extent(-axis);
            if (extent != 1 && extent != to.extent(-axis)) {
                return false;
            }
        }
        return true;
    }

    /** The element strides that read a dense tensor of shape {@code from} over the shape {@code to}: 0 where it repeats. */
    public static long[] strides(Shape from, Shape to) {
        long[] dense = from.strides();
        long[] strides = new long[to.rank()];
        for (int axis = 1; axis <= from.rank(); axis++) {
            if (from.extent(-axis) != 1) {
                strides[to.rank() - axis] = dense[from.rank() - axis];
            }
        }
        return strides;
    }

    /** The axes of {@code to} over which {@code from} repeats, those that it lacks included. */
    public static List<Integer> repeatedAxes(Shape from, Shape to) {
        List<Integer> axes = new ArrayList<>();
        int missing = to.rank() - from.rank();
        for (int axis = 0; axis < to.rank(); axis++) {
            if (axis < missing || from.extent(axis - missing) == 1 && to.extent(axis) != 1) {
                axes.add(axis);
            }
        }
        return axes;
    }
}
