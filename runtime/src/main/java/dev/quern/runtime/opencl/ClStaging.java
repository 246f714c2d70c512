package dev.quern.runtime.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_mem;

import dev.quern.runtime.DeviceException;
import dev.quern.runtime.Staging;
import dev.quern.runtime.internal.DeviceObject;

/**
 * Host memory for copies. On a processor it is plain direct memory; on a GPU it is a mapped buffer that the driver
 * pinned. Copies go in chunks, because a Java buffer, which is how JOCL takes an address, ends at two gigabytes.
 */
final class ClStaging implements Staging, DeviceObject {
    /** The most bytes that one driver call copies. */
    static final long CHUNK = 1L << 28;
    private static final int ALIGNMENT = 128;

    private final ClDevice device;
    private final Arena arena;
    private final MemorySegment segment;
    private final Pointer[] chunks;
    private final cl_mem pinned;
    private final ByteBuffer mapped;
    private volatile boolean closed;

    private ClStaging(ClDevice device, Arena arena, MemorySegment segment, cl_mem pinned, ByteBuffer mapped) {
        this.device = device;
        this.arena = arena;
        this.segment = segment;
        this.pinned = pinned;
        this.mapped = mapped;
        this.chunks = new Pointer[Math.toIntExact(Math.ceilDiv(segment.byteSize(), CHUNK))];
        for (int index = 0; index < chunks.length; index++) {
            long start = index * CHUNK;
            chunks[index] = Pointer.to(segment.asSlice(start, Math.min(CHUNK, segment.byteSize() - start)).asByteBuffer());
        }
    }

    static ClStaging direct(ClDevice device, long bytes) {
        Arena arena = Arena.ofShared();
        try {
            return new ClStaging(device, arena, arena.allocate(bytes, ALIGNMENT), null, null);
        } catch (OutOfMemoryError e) {
            arena.close();
            throw new DeviceException(device.id() + ": no host memory for a staging area of " + bytes + " bytes", e);
        }
    }

    /** Falls back to direct memory, which copies as correctly but slower, past the two gigabytes that can be mapped. */
    static ClStaging pinned(ClDevice device, long bytes) {
        if (bytes > Integer.MAX_VALUE) {
            return direct(device, bytes);
        }
        cl_mem buffer = null;
        try {
            buffer = CL.clCreateBuffer(device.context(), CL.CL_MEM_READ_WRITE | CL.CL_MEM_ALLOC_HOST_PTR, bytes, null, null);
            ByteBuffer mapped = device.clQueue().map(buffer, bytes);
            // Through an arena of its own, so that the segment dies with the mapping.
            Arena arena = Arena.ofShared();
            MemorySegment segment = MemorySegment.ofBuffer(mapped).reinterpret(bytes, arena, null);
            segment.fill((byte) 0);
            return new ClStaging(device, arena, segment, buffer, mapped);
        } catch (CLException e) {
            if (buffer != null) {
                CL.clReleaseMemObject(buffer);
            }
            throw ClErrors.failed(device.id(), "pinning " + bytes + " bytes of host memory", e);
        }
    }

    ClDevice device() {
        return device;
    }

    /** Where chunk {@code index} starts, at {@code index * CHUNK}. */
    Pointer chunk(int index) {
        return chunks[index];
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("staging of " + segment.byteSize() + " bytes is closed");
        }
    }

    @Override
    public MemorySegment memory() {
        requireOpen();
        return segment;
    }

    @Override
    public void await() {
        // Every copy blocks until it is done: see ClQueue.
        requireOpen();
    }

    @Override
    public void close() {
        if (!closed) {
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
        arena.close();
        if (pinned != null) {
            try {
                device.clQueue().unmap(pinned, mapped);
            } finally {
                CL.clReleaseMemObject(pinned);
            }
        }
    }
}
