package dev.quern.runtime.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.Optional;

import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Device memory, in the order of the queue's stream where the driver has pools: an allocation is ready, and a released one may be
 * used again, when the stream gets there, so that neither waits.
 */
final class CudaAllocator {
    private final CUstream stream;
    private final DriverLibrary library;
    private final Optional<MemorySegment> pool;

    CudaAllocator(CudaPlatform.Found found, CUstream stream) {
        this.stream = stream;
        this.library = found.library();
        this.pool = found.pools() ? Optional.of(library.keepingPool(found.handle())) : Optional.empty();
    }

    /** Zeroed memory. */
    Handles.Place allocate(long bytes) {
        Handles.Place place = new Handles.Place();
        CudaFailure.check(pool.isPresent() ? JCudaDriver.cuMemAllocAsync(place, bytes, stream)
                : JCudaDriver.cuMemAlloc(place, bytes));
        try {
            CudaFailure.check(JCudaDriver.cuMemsetD8Async(place, (byte) 0, bytes, stream));
        } catch (CudaFailure e) {
            free(place);
            throw e;
        }
        return place;
    }

    /** Releases memory behind the work that the stream has now; gives the driver's answer. */
    int free(Handles.Place place) {
        if (pool.isPresent()) {
            return JCudaDriver.cuMemFreeAsync(place, stream);
        }
        int waited = JCudaDriver.cuStreamSynchronize(stream);
        int freed = JCudaDriver.cuMemFree(place);
        return waited == CUresult.CUDA_SUCCESS ? freed : waited;
    }

    /** What the device has left, for the line about memory that ran out; empty if the driver does not tell. */
    String left() {
        long[] free = new long[1];
        long[] total = new long[1];
        if (JCudaDriver.cuMemGetInfo(free, total) != CUresult.CUDA_SUCCESS) {
            return "";
        }
        return String.format(Locale.ROOT, "; all processes together left %d of %d MiB", free[0] >> 20, total[0] >> 20);
    }

    /** Gives back what the pool kept. */
    void release(CudaDevice device) {
        if (pool.isPresent()) {
            device.released("memory", JCudaDriver.cuStreamSynchronize(stream));
            try {
                library.trim(pool.get());
            } catch (CudaFailure e) {
                device.released("the pool of memory", e.status());
            }
        }
    }
}
