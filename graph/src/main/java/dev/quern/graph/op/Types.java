package dev.quern.graph.op;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/** Checks that the ops' shape rules share. */
final class Types {
    private Types() {
    }

    static void count(List<TensorType> inputs, int expected, String what) {
        if (inputs.size() != expected) {
            throw new IllegalOperandException(inputs.size() + " operands: " + what);
        }
    }

    static void f32(String name, TensorType type) {
        if (type.dtype() != DType.F32) {
            throw new IllegalOperandException(name + " " + type + ": must be F32");
        }
    }

    static void readable(String name, TensorType type) {
        switch (type.dtype()) {
            case F32, F16, BF16, I32, U8, BOOL -> {
            }
            default -> throw new IllegalOperandException(name + " " + type + ": must be F32, F16, BF16, I32, U8 or BOOL");
        }
    }

    static void rank(String name, TensorType type, int rank, String layout) {
        if (type.shape().rank() != rank) {
            throw new IllegalOperandException(name + " " + type.shape() + ": must have rank " + rank + " (" + layout + ")");
        }
    }

    static void same(String name, TensorType actual, Shape expected) {
        if (!actual.shape().equals(expected)) {
            throw new IllegalOperandException(name + " " + actual.shape() + ": must be " + expected);
        }
    }

    /** An axis counted from the front. */
    static int axis(int axis, int rank, String operand) {
        if (axis < -rank || axis >= rank) {
            throw new IllegalOperandException(operand + " of rank " + rank + " has no axis " + axis);
        }
        return axis < 0 ? axis + rank : axis;
    }

    static double bytes(List<TensorType> types) {
        double bytes = 0;
        for (TensorType type : types) {
            bytes += type.bytes();
        }
        return bytes;
    }

    static String pair(int y, int x) {
        return "[" + y + ", " + x + "]";
    }
}
