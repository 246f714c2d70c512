package dev.quern.runtime;

import java.lang.foreign.MemorySegment;

/**
 * The arguments of a Java kernel's launch, resolved once when the launch is bound: reading them allocates nothing.
 * An index names an argument's position; asking for another type than was bound is an {@link IllegalArgumentException}.
 */
public interface HostArguments {
    /** The memory of a slice, exactly as long as the slice, in the machine's byte order. */
    MemorySegment memory(int index);

    /** A 32-bit integer. */
    int i32(int index);

    /** A 64-bit integer. */
    long i64(int index);

    /** A 32-bit float. */
    float f32(int index);

    /** How many arguments were bound. */
    int count();
}
