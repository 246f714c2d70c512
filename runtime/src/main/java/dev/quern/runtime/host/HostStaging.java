package dev.quern.runtime.host;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import dev.quern.runtime.DeviceException;
import dev.quern.runtime.Staging;

/** Staging memory of the host device. Copies are done when the queue's call returns, so there is nothing to await. */
final class HostStaging implements Staging {
    private final HostDevice device;
    private final Arena arena;
    private final MemorySegment segment;

    private HostStaging(HostDevice device, Arena arena, MemorySegment segment) {
        this.device = device;
        this.arena = arena;
        this.segment = segment;
    }

    static HostStaging allocate(HostDevice device, long bytes) {
        Arena arena = Arena.ofShared();
        try {
            return new HostStaging(device, arena, arena.allocate(bytes, HostProcessor.ALIGNMENT));
        } catch (OutOfMemoryError e) {
            arena.close();
            throw new DeviceException(device + ": no memory for a staging area of " + bytes + " bytes", e);
        }
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
