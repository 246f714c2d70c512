package dev.quern.kernels;

import dev.quern.runtime.BFloat16;
import dev.quern.runtime.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What {@link StorageText} is to kernel text for kernels written in Java: rows of F32, F16 or BF16 as floats and back. */
public final class HostStorage {
    private HostStorage() {
    }

    /** Element {@code index} as a float. */
    public static float load(MemorySegment memory, DType dtype, long index) {
        return switch (dtype) {
            case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index);
            case F16 -> Float.float16ToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index));
            case BF16 -> BFloat16.toFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index));
            default -> throw refused(dtype);
        };
    }

    /** Stores a float as element {@code index}, rounded to nearest even. */
    public static void store(MemorySegment memory, DType dtype, long index, float value) {
        switch (dtype) {
            case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index, value);
            case F16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index, Float.floatToFloat16(value));
            case BF16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, index, BFloat16.ofFloat(value));
            default -> throw refused(dtype);
        }
    }

    /** Reads {@code count} elements from element {@code from} on into {@code to}, which they fill from {@code at} on. */
    public static void load(MemorySegment memory, DType dtype, long from, float[] to, int at, int count) {
        if (dtype == DType.F32) {
            MemorySegment.copy(memory, ValueLayout.JAVA_FLOAT_UNALIGNED, from * Float.BYTES, to, at, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            to[at + i] = load(memory, dtype, from + i);
        }
    }

    /** Stores {@code count} floats of {@code from}, beginning with the one at {@code at}, as elements {@code to} and on. */
    public static void store(MemorySegment memory, DType dtype, long to, float[] from, int at, int count) {
        if (dtype == DType.F32) {
            MemorySegment.copy(from, at, memory, ValueLayout.JAVA_FLOAT_UNALIGNED, to * Float.BYTES, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            store(memory, dtype, to + i, from[at + i]);
        }
    }

    private static IllegalArgumentException refused(DType dtype) {
        return new IllegalArgumentException("host kernels compute on F32, F16 and BF16, not " + dtype);
    }
}
