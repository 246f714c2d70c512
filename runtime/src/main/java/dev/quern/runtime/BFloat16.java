package dev.quern.runtime;

/** Conversions of {@link DType#BF16}: the upper half of a binary32. */
public final class BFloat16 {
    private static final int QUIET_NAN = 0x40;

    private BFloat16() {
    }

    /** The value of these bits; exact. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest value's bits, ties to even; NaN stays NaN. */
    public static short ofFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | QUIET_NAN);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
