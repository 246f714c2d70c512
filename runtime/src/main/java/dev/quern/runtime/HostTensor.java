package dev.quern.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A dense row-major tensor in the Java heap: what references compute on and what files are read into. Elements are read
 * and written as {@code double} (all types but {@link DType#I64} convert exactly on reading) or by the typed methods.
 */
public final class HostTensor {
    private final DType dtype;
    private final Shape shape;
    private final MemorySegment memory;

    private HostTensor(DType dtype, Shape shape, MemorySegment memory) {
        this.dtype = dtype;
        this.shape = shape;
        this.memory = memory;
    }

    /** A tensor of zeros. */
    public static HostTensor zeros(DType dtype, Shape shape) {
        long bytes = Math.max(1, shape.elements()) * dtype.bytes();
        if (bytes > Integer.MAX_VALUE - 64) {
            throw new QuernException("tensor " + dtype + shape + ": " + bytes + " bytes do not fit a Java array");
        }
        // A long[] base keeps every element type aligned, whatever the garbage collector does.
        MemorySegment base = MemorySegment.ofArray(new long[(int) Math.ceilDiv(bytes, 8)]);
        return new HostTensor(dtype, shape, base.asSlice(0, shape.elements() * dtype.bytes()));
    }

    /** An F32 tensor with a copy of these values. */
    public static HostTensor of(Shape shape, float... values) {
        requireCount(shape, values.length);
        HostTensor tensor = zeros(DType.F32, shape);
        MemorySegment.copy(values, 0, tensor.memory, ValueLayout.JAVA_FLOAT, 0, values.length);
        return tensor;
    }

    /** An I32 tensor with a copy of these values. */
    public static HostTensor of(Shape shape, int... values) {
        requireCount(shape, values.length);
        HostTensor tensor = zeros(DType.I32, shape);
        MemorySegment.copy(values, 0, tensor.memory, ValueLayout.JAVA_INT, 0, values.length);
        return tensor;
    }

    /** A tensor with a copy of these bytes, which are in the machine's byte order. */
    public static HostTensor of(DType dtype, Shape shape, MemorySegment bytes) {
        if (bytes.byteSize() != shape.elements() * dtype.bytes()) {
            throw new IllegalArgumentException("tensor " + dtype + shape + " needs " + shape.elements() * dtype.bytes()
                    + " bytes, not " + bytes.byteSize());
        }
        HostTensor tensor = zeros(dtype, shape);
        tensor.memory.copyFrom(bytes);
        return tensor;
    }

    private static void requireCount(Shape shape, int count) {
        if (shape.elements() != count) {
            throw new IllegalArgumentException("shape " + shape + " has " + shape.elements() + " elements, not " + count);
        }
    }

    /** The element type. */
    public DType dtype() {
        return dtype;
    }

    /** The extents. */
    public Shape shape() {
        return shape;
    }

    /** The elements in the machine's byte order; writes go through. */
    public MemorySegment memory() {
        return memory;
    }

    /** Element {@code index} in row-major order. */
    public double get(long index) {
        return switch (dtype) {
            case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, index);
            case F64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
            case F16 -> Float.float16ToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, index));
            case BF16 -> BFloat16.toFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, index));
            case I32 -> memory.getAtIndex(ValueLayout.JAVA_INT, index);
            case I64 -> memory.getAtIndex(ValueLayout.JAVA_LONG, index);
            case U8, BOOL -> Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, index));
        };
    }

    /** Sets element {@code index}, rounding to the element type (to nearest even; integers truncate). */
    public void set(long index, double value) {
        switch (dtype) {
            case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
            case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
            case F16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16((float) value));
            case BF16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, index, BFloat16.ofFloat((float) value));
            case I32 -> memory.setAtIndex(ValueLayout.JAVA_INT, index, (int) value);
            case I64 -> memory.setAtIndex(ValueLayout.JAVA_LONG, index, (long) value);
            case U8, BOOL -> memory.set(ValueLayout.JAVA_BYTE, index, (byte) (int) value);
        }
    }

    /** The elements of an F32 tensor as a fresh array. */
    public float[] toFloats() {
        if (dtype != DType.F32) {
            throw new IllegalArgumentException("tensor " + dtype + shape + " is not F32");
        }
        return memory.toArray(ValueLayout.JAVA_FLOAT);
    }

    /** The elements of an I32 tensor as a fresh array. */
    public int[] toInts() {
        if (dtype != DType.I32) {
            throw new IllegalArgumentException("tensor " + dtype + shape + " is not I32");
        }
        return memory.toArray(ValueLayout.JAVA_INT);
    }

    /** For example {@code F32[2, 3]}. */
    @Override
    public String toString() {
        return dtype.toString() + shape;
    }
}
