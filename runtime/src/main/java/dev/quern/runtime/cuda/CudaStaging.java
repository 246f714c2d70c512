package dev.quern.runtime.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import dev.quern.runtime.Staging;
import dev.quern.runtime.internal.DeviceObject;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Pinned host memory: the only kind that copies take, so that no heap array ever reaches the driver. */
final class CudaStaging implements Staging, DeviceObject {
    private final CudaDevice device;
    private final Handles.Host start;
    private final Arena arena;
    private final MemorySegment segment;
    private final CUevent copied = new CUevent();
    private boolean pending;
    private volatile boolean closed;

    private CudaStaging(CudaDevice device, Handles.Host start, long bytes) {
        this.device = device;
        this.start = start;
        // Through an arena of its own, so that the segment dies with the memory.
        this.arena = Arena.ofShared();
        this.segment = MemorySegment.ofAddress(start.address()).reinterpret(bytes, arena, null);
        segment.fill((byte) 0);
    }

    static CudaStaging pin(CudaDevice device, long bytes) {
        Handles.Host start = new Handles.Host();
        CudaFailure.check(JCudaDriver.cuMemHostAlloc(start, bytes, 0));
        CudaStaging staging = new CudaStaging(device, start, bytes);
        int status = JCudaDriver.cuEventCreate(staging.copied, CUevent_flags.CU_EVENT_DISABLE_TIMING);
        if (status != CUresult.CUDA_SUCCESS) {
            staging.arena.close();
            JCudaDriver.cuMemFreeHost(start);
            CudaFailure.check(status);
        }
        return staging;
    }

    CudaDevice device() {
        return device;
    }

    /** Where the memory starts. */
    Handles.Host start() {
        return start;
    }

    /** Notes that a copy which was just queued reads this memory. */
    void copying(CUstream stream) {
        CudaFailure.check(JCudaDriver.cuEventRecord(copied, stream));
        pending = true;
    }

    private void requireOpen() {
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
        requireOpen();
        if (!pending) {
            return;
        }
        device.enter();
        try {
            CudaFailure.check(JCudaDriver.cuEventSynchronize(copied));
            pending = false;
        } catch (CudaFailure e) {
            throw device.failed("waiting for a copy", e);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            device.disown(this);
            device.enterToRelease();
            release();
        }
    }

    @Override
    public synchronized void release() {
        if (closed) {
            return;
        }
        closed = true;
        if (pending) {
            device.released("staging memory", JCudaDriver.cuEventSynchronize(copied));
        }
        arena.close();
        device.released("an event", JCudaDriver.cuEventDestroy(copied));
        device.released("staging memory", JCudaDriver.cuMemFreeHost(start));
    }
}
