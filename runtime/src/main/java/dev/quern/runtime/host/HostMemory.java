package dev.quern.runtime.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import dev.quern.runtime.Device;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;

/** A block of memory off the Java heap. Its segment belongs to an arena of its own: use after close is an exception. */
final class HostMemory implements Memory {
    private final HostDevice device;
    private final Arena arena;
    private final MemorySegment segment;
    private final String label;
    private final long ticket;

    HostMemory(HostDevice device, Arena arena, MemorySegment segment, String label, long ticket) {
        this.device = device;
        this.arena = arena;
        this.segment = segment;
        this.label = label;
        this.ticket = ticket;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public long bytes() {
        return segment.byteSize();
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean closed() {
        return !arena.scope().isAlive();
    }

    @Override
    public Slice slice(long offset, long bytes) {
        Checks.slice(this, HostProcessor.ALIGNMENT, offset, bytes);
        return new HostSlice(this, offset, bytes, segment.asSlice(offset, bytes));
    }

    @Override
    public synchronized void close() {
        if (!closed()) {
            arena.close();
            device.released(this, ticket);
        }
    }

    @Override
    public String toString() {
        return label + " (" + bytes() + " bytes on " + device + ")";
    }
}
