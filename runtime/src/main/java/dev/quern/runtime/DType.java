package dev.quern.runtime;

/**
 * The storage type of a tensor's elements.
 *
 * <p>Storage, compute and accumulation are three choices: {@link #F16} and {@link #BF16} tensors are stored in two
 * bytes and computed in {@link #F32} on every device.
 */
public enum DType {
    /** IEEE 754 binary32. */
    F32(4, true),
    /** IEEE 754 binary16. */
    F16(2, true),
    /** The upper half of a binary32: eight exponent bits, seven fraction bits. */
    BF16(2, true),
    /** IEEE 754 binary64. */
    F64(8, true),
    /** 32-bit two's complement. */
    I32(4, false),
    /** 64-bit two's complement. */
    I64(8, false),
    /** Unsigned byte. */
    U8(1, false),
    /** One byte, 0 or 1. */
    BOOL(1, false);

    private final int bytes;
    private final boolean floating;

    DType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /** The size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements are floating-point numbers. */
    public boolean floating() {
        return floating;
    }
}
