package dev.quern.runtime;

import java.util.Arrays;

/**
 * The extents of a dense row-major tensor, outermost first. A scalar has rank 0 and one element.
 *
 * <p>Immutable. Every extent is at least 0; {@link #elements()} is checked against overflow when the shape is made.
 */
public final class Shape {
    private static final Shape SCALAR = new Shape(new int[0]);

    private final int[] extents;
    private final long elements;

    private Shape(int[] extents) {
        long count = 1;
        for (int extent : extents) {
            if (extent < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(extents) + ": extents must not be negative");
            }
            try {
                count = Math.multiplyExact(count, (long) extent);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(extents) + ": more elements than a 64-bit count can hold", e);
            }
        }
        this.extents = extents;
        this.elements = count;
    }

    /** The shape with these extents, outermost first; none gives the scalar shape. */
    public static Shape of(int... extents) {
        return extents.length == 0 ? SCALAR : new Shape(extents.clone());
    }

    /** The shape of rank 0. */
    public static Shape scalar() {
        return SCALAR;
    }

    /** The number of dimensions. */
    public int rank() {
        return extents.length;
    }

    /** The extent of one dimension; a negative axis counts from the end. */
    public int extent(int axis) {
        return extents[axis < 0 ? axis + extents.length : axis];
    }

    /** The extents, outermost first, as a fresh array. */
    public int[] toArray() {
        return extents.clone();
    }

    /** The product of all extents (1 for a scalar). */
    public long elements() {
        return elements;
    }

    /** The product of the extents from {@code from} (inclusive) to {@code to} (exclusive). */
    public long elements(int from, int to) {
        long count = 1;
        for (int axis = from; axis < to; axis++) {
            count *= extents[axis];
        }
        return count;
    }

    /** Row-major strides in elements. */
    public long[] strides() {
        long[] strides = new long[extents.length];
        long stride = 1;
        for (int axis = extents.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= extents[axis];
        }
        return strides;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(extents, shape.extents);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extents);
    }

    /** For example {@code [64, 6, 14, 14]}; a scalar is {@code []}. */
    @Override
    public String toString() {
        return Arrays.toString(extents);
    }
}
