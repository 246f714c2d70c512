package dev.quern.graph.fuzz;

import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Shapes made of other shapes. */
final class Extents {
    private Extents() {
    }

    static List<Integer> list(Shape shape) {
        return Arrays.stream(shape.toArray()).boxed().collect(Collectors.toCollection(ArrayList::new));
    }

    static Shape of(List<Integer> extents) {
        return Shape.of(extents.stream().mapToInt(Integer::intValue).toArray());
    }

    /** With another extent of an axis. */
    static Shape with(Shape shape, int axis, int extent) {
        int[] extents = shape.toArray();
        extents[axis] = extent;
        return Shape.of(extents);
    }

    /** With one more axis. */
    static Shape insert(Shape shape, int axis, int extent) {
        List<Integer> extents = list(shape);
        extents.add(axis, extent);
        return of(extents);
    }

    /** Without an axis. */
    static Shape remove(Shape shape, int axis) {
        List<Integer> extents = list(shape);
        extents.remove(axis);
        return of(extents);
    }

    /** Some axes of a shape. */
    static Shape part(Shape shape, int from, int to) {
        return of(list(shape).subList(from, to));
    }

    /** Whether some axis has more than one place. */
    static boolean isLong(Shape shape) {
        return shape.elements() > 1;
    }
}
