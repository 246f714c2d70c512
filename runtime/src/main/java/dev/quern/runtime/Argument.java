package dev.quern.runtime;

/** One argument of a launch: a slice of device memory or a number passed by value. */
public sealed interface Argument permits Slice, Argument.I32, Argument.I64, Argument.F32 {
    /** A 32-bit integer, {@code int} in kernels. */
    record I32(int value) implements Argument {
    }

    /** A 64-bit integer, {@code long} in OpenCL C and {@code long long} in CUDA C. */
    record I64(long value) implements Argument {
    }

    /** A 32-bit float. */
    record F32(float value) implements Argument {
    }
}
