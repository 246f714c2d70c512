package dev.quern.runtime;

/**
 * A part of a {@link Memory} that kernels can be given. It starts at a multiple of the device's base alignment, owns
 * nothing and is valid as long as its memory is open.
 */
public non-sealed interface Slice extends Argument {
    /** The memory that this slice is part of. */
    Memory memory();

    /** The first byte's offset in the memory. */
    long offset();

    /** The length in bytes. */
    long bytes();
}
