package dev.quern.runtime.opencl;

import org.jocl.cl_mem;

import dev.quern.runtime.Slice;

/** A part of a {@link ClMemory} with the sub-buffer that kernels are given. Identity is equality: slices are cached. */
final class ClSlice implements Slice {
    private final ClMemory memory;
    private final long offset;
    private final long bytes;
    private final cl_mem mem;

    ClSlice(ClMemory memory, long offset, long bytes, cl_mem mem) {
        this.memory = memory;
        this.offset = offset;
        this.bytes = bytes;
        this.mem = mem;
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

    cl_mem mem() {
        return mem;
    }

    @Override
    public String toString() {
        return memory.label() + "[" + offset + ", " + (offset + bytes) + ")";
    }
}
