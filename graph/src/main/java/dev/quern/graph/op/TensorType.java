package dev.quern.graph.op;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.Objects;

/**
 * The static type of a tensor in a graph.
 *
 * @param dtype the storage type of its elements
 * @param shape its extents, outermost first; images are N,C,H,W
 */
public record TensorType(DType dtype, Shape shape) {
    public TensorType {
        Objects.requireNonNull(dtype, "dtype");
        Objects.requireNonNull(shape, "shape");
    }

    /** An F32 tensor. */
    public static TensorType f32(Shape shape) {
        return new TensorType(DType.F32, shape);
    }

    /** An F32 tensor with these extents. */
    public static TensorType f32(int... extents) {
        return f32(Shape.of(extents));
    }

    /** The length in bytes. */
    public long bytes() {
        return shape.elements() * dtype.bytes();
    }

    /** For example {@code F32[64, 10]}. */
    @Override
    public String toString() {
        return dtype.toString() + shape;
    }
}
