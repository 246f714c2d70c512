package dev.quern.runtime.opencl;

import java.util.HashMap;
import java.util.Map;

import org.jocl.CLException;
import org.jocl.cl_mem;

import dev.quern.runtime.Device;
import dev.quern.runtime.Memory;
import dev.quern.runtime.Slice;
import dev.quern.runtime.internal.Checks;
import dev.quern.runtime.internal.DeviceObject;

/** One block of memory, with the parts that were asked for so far. Equal slices are the same object. */
final class ClMemory implements Memory, DeviceObject {
    private final ClDevice device;
    private final ClBlock block;
    private final long bytes;
    private final String label;
    private final long ticket;
    private final Map<Range, ClSlice> slices = new HashMap<>();
    private volatile boolean closed;

    private record Range(long offset, long bytes) {
    }

    ClMemory(ClDevice device, ClBlock block, long bytes, String label, long ticket) {
        this.device = device;
        this.block = block;
        this.bytes = bytes;
        this.label = label;
        this.ticket = ticket;
    }

    /** The whole buffer. Copies use it with offsets, so that they need no sub-buffer. */
    cl_mem mem() {
        return block.mem();
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
    public synchronized Slice slice(long offset, long length) {
        Checks.slice(this, device.info().baseAlignment(), offset, length);
        Range range = new Range(offset, length);
        ClSlice known = slices.get(range);
        if (known == null) {
            known = new ClSlice(this, offset, length, part(offset, length));
            slices.put(range, known);
        }
        return known;
    }

    private ClArgument part(long offset, long length) {
        try {
            return block.argument(offset, length, bytes);
        } catch (CLException e) {
            throw ClErrors.failed(device.id(), "slicing \"" + label + "\" (" + length + " bytes at " + offset + ")", e);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            device.clQueue().finish();
        } finally {
            device.disown(this);
            release();
        }
    }

    @Override
    public synchronized void release() {
        if (closed) {
            return;
        }
        closed = true;
        device.ledger().release(ticket);
        slices.values().forEach(slice -> slice.argument().release());
        slices.clear();
        block.release();
    }

    @Override
    public String toString() {
        return label + " (" + bytes + " bytes on " + device + ")";
    }
}
