package dev.quern.runtime.opencl;

import dev.quern.runtime.Slice;

/** A part of a {@link ClMemory} with what kernels are given for it. Identity is equality: slices are cached. */
final class ClSlice implements Slice {
    private final ClMemory memory;
    private final long offset;
    private final long bytes;
    private final ClArgument argument;

    ClSlice(ClMemory memory, long offset, long bytes, ClArgument argument) {
        this.memory = memory;
        this.offset = offset;
        this.bytes = bytes;
        this.argument = argument;
    }

    @Override
    public ClMemory memory() {
        return memory;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    ClArgument argument() {
        return argument;
    }

    @Override
    public String toString() {
        return memory.label() + "[" + offset + ", " + (offset + bytes) + ")";
    }
}
