package dev.quern.runtime.host;

import java.lang.foreign.MemorySegment;

import dev.quern.runtime.Slice;

/** A part of a {@link HostMemory} with the segment that covers it. */
record HostSlice(HostMemory memory, long offset, long bytes, MemorySegment segment) implements Slice {
}
