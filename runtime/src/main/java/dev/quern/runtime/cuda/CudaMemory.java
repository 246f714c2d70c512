package dev.quern.runtime.cuda;

import dev.quern.runtime.Device;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;
import dev.quern.runtime.internal.DeviceObject;

/** One allocation. */
final class CudaMemory implements Memory, DeviceObject {
    private final CudaDevice device;
    private final Handles.Place place;
    private final long bytes;
    private final String label;
    private final long ticket;
    private volatile boolean closed;

    CudaMemory(CudaDevice device, Handles.Place place, long bytes, String label, long ticket) {
        this.device = device;
        this.place = place;
        this.bytes = bytes;
        this.label = label;
        this.ticket = ticket;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public boolean closed() {
        return closed;
    }

    @Override
    public Slice slice(long offset, long length) {
        Checks.slice(this, device.found().info().baseAlignment(), offset, length);
        return new CudaSlice(this, offset, length, new Handles.Place(place, offset));
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        device.disown(this);
        device.enterToRelease();
        release();
    }

    @Override
    public synchronized void release() {
        if (closed) {
            return;
        }
        closed = true;
        device.ledger().release(ticket);
        device.released("\"" + label + "\"", device.allocator().free(place));
    }

    @Override
    public String toString() {
        return label + " (" + bytes + " bytes on " + device + ")";
    }
}
