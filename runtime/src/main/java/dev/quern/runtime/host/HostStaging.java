package dev.quern.runtime.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import dev.quern.runtime.Staging;

/** Staging memory of the host device. Copies are done when the queue's call returns, so there is nothing to await. */
final class HostStaging implements Staging {
    private final HostDevice device;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    HostStaging(HostDevice device, long bytes) {
        this.device = device;
        this.segment = arena.allocate(bytes, HostProcessor.ALIGNMENT);
    }

    HostDevice device() {
        return device;
    }

    @Override
    public MemorySegment memory() {
        requireOpen();
        return segment;
    }

    void requireOpen() {
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException("staging of " + segment.byteSize() + " bytes is closed");
        }
    }

    @Override
    public void await() {
        requireOpen();
    }

    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
            device.released(this);
        }
    }
}
