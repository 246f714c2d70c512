package dev.quern.runtime.opencl;

import java.util.Optional;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_buffer_region;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_mem;

import dev.quern.runtime.DeviceKind;

/**
 * Memory as the driver gives it: a buffer, which copies and fills use, and where it can be had the shared virtual memory below it,
 * whose addresses kernels are given. PoCL locks, lists and keeps each buffer of a launch, which costs the calling thread a fifth of the launch;
 * an address costs nothing.
 */
final class ClBlock {
    private final cl_context context;
    private final cl_mem mem;
    private final Optional<Pointer> shared;

    private ClBlock(cl_context context, cl_mem mem, Optional<Pointer> shared) {
        this.context = context;
        this.mem = mem;
        this.shared = shared;
    }

    /** Whether a device's memory is the host's and may be allocated as shared, so that both ways to it show the same at any time. */
    static boolean shareable(DeviceKind kind, cl_device_id device) {
        if (kind != DeviceKind.CPU) {
            return false;
        }
        try {
            return (ClQuery.number(device, CL.CL_DEVICE_SVM_CAPABILITIES) & CL.CL_DEVICE_SVM_FINE_GRAIN_BUFFER) != 0;
        } catch (CLException | UnsupportedOperationException e) {
            // A driver of OpenCL 1.2 does not know the question.
            return false;
        }
    }

    static ClBlock allocate(cl_context context, long bytes, boolean share) {
        Optional<Pointer> shared = share ? share(context, bytes) : Optional.empty();
        try {
            long flags = CL.CL_MEM_READ_WRITE | (shared.isPresent() ? CL.CL_MEM_USE_HOST_PTR : 0);
            return new ClBlock(context, CL.clCreateBuffer(context, flags, bytes, shared.orElse(null), null), shared);
        } catch (CLException e) {
            shared.ifPresent(pointer -> CL.clSVMFree(context, pointer));
            throw e;
        }
    }

    private static Optional<Pointer> share(cl_context context, long bytes) {
        try {
            return Optional.ofNullable(CL.clSVMAlloc(context, CL.CL_MEM_READ_WRITE, bytes, 0));
        } catch (CLException e) {
            // This call has no error code: the buffer that is asked for instead says what is wrong.
            return Optional.empty();
        }
    }

    cl_mem mem() {
        return mem;
    }

    /**
     * What kernels are given for a part.
     *
     * @param whole how many bytes the block has
     */
    ClArgument argument(long offset, long bytes, long whole) {
        if (shared.isPresent()) {
            return new ClArgument.Address(shared.get().withByteOffset(offset));
        }
        if (offset == 0 && bytes == whole) {
            return new ClArgument.Buffer(mem, false);
        }
        return new ClArgument.Buffer(CL.clCreateSubBuffer(mem, CL.CL_MEM_READ_WRITE, CL.CL_BUFFER_CREATE_TYPE_REGION,
                new cl_buffer_region(offset, bytes), null), true);
    }

    /** No work that uses it may be under way. */
    void release() {
        CL.clReleaseMemObject(mem);
        shared.ifPresent(pointer -> CL.clSVMFree(context, pointer));
    }
}
