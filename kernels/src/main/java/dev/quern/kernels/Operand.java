package dev.quern.kernels;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;

/**
 * One tensor that a problem reads or writes, dense and row-major.
 *
 * @param name  the field's own name for it: {@code a}, {@code filter}, {@code logits}
 * @param role  whether it is read or written
 * @param dtype its storage type
 * @param shape its extents
 */
public record Operand(String name, Role role, DType dtype, Shape shape) {
    /** An operand that is read. */
    public static Operand input(String name, DType dtype, Shape shape) {
        return new Operand(name, Role.INPUT, dtype, shape);
    }

    /** An operand that is written. */
    public static Operand output(String name, DType dtype, Shape shape) {
        return new Operand(name, Role.OUTPUT, dtype, shape);
    }

    /** An operand of which some elements are written, the others stay as they are. */
    public static Operand window(String name, DType dtype, Shape shape) {
        return new Operand(name, Role.WINDOW, dtype, shape);
    }

    /** The length in bytes. */
    public long bytes() {
        return shape.elements() * dtype.bytes();
    }
}
