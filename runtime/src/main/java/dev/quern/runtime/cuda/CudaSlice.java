package dev.quern.runtime.cuda;

import dev.quern.runtime.Slice;

/** A part of a {@link CudaMemory} with the place where it starts. */
record CudaSlice(CudaMemory memory, long offset, long bytes, Handles.Place place) implements Slice {
    @Override
    public String toString() {
        return memory.label() + "[" + offset + ", " + (offset + bytes) + ")";
    }
}
