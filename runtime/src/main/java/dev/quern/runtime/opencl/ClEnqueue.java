package dev.quern.runtime.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enqueues a kernel by calling the driver's loader itself, with sizes that lie in its memory already. JOCL copies and pins the sizes of each launch,
 * which is a fifth of what a small one costs. Where the loader cannot be called so, JOCL does it.
 */
final class ClEnqueue {
    private static final Logger LOG = LoggerFactory.getLogger(ClEnqueue.class);
    /** Null where it cannot be called. A constant, so that Java compiles the call into its caller. */
    private static final MethodHandle LOADER = loader().orElse(null);
    private static final int AXES = 3;

    private final cl_kernel kernel;
    private final long[] global;
    private final long[] local;
    private final MemorySegment globalSizes;
    private final MemorySegment localSizes;

    /**
     * A kernel whose arguments are set.
     *
     * @param global work-items along each axis
     * @param local those of a group
     */
    ClEnqueue(cl_kernel kernel, long[] global, long[] local) {
        this.kernel = kernel;
        this.global = global;
        this.local = local;
        MemorySegment sizes = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG, 2L * AXES);
        this.globalSizes = sizes.asSlice(0, (long) AXES * Long.BYTES);
        this.localSizes = sizes.asSlice((long) AXES * Long.BYTES);
        MemorySegment.copy(global, 0, globalSizes, ValueLayout.JAVA_LONG, 0, global.length);
        MemorySegment.copy(local, 0, localSizes, ValueLayout.JAVA_LONG, 0, local.length);
    }

    /**
     * Gives the launch to the driver. Allocates nothing.
     *
     * @throws CLException with the driver's code if it refuses
     */
    void on(cl_command_queue queue) {
        if (LOADER == null) {
            CL.clEnqueueNDRangeKernel(queue, kernel, global.length, null, global, local, 0, null, null);
            return;
        }
        int status;
        try {
            status = (int) LOADER.invokeExact(queue.getNativePointer(), kernel.getNativePointer(), global.length, MemorySegment.NULL, globalSizes,
                    localSizes, 0, MemorySegment.NULL, MemorySegment.NULL);
        } catch (Throwable e) {
            throw new IllegalStateException("the OpenCL loader could not be called", e);
        }
        if (status != CL.CL_SUCCESS) {
            throw new CLException(CL.stringFor_errorCode(status), status);
        }
    }

    cl_kernel kernel() {
        return kernel;
    }

    long[] global() {
        return global;
    }

    long[] local() {
        return local;
    }

    /** Whether launches go past JOCL. */
    static boolean callsTheLoader() {
        return LOADER != null;
    }

    private static Optional<MethodHandle> loader() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String library = system.contains("win") ? "OpenCL.dll"
                : system.contains("mac") ? "/System/Library/Frameworks/OpenCL.framework/OpenCL" : "libOpenCL.so.1";
        try {
            Linker linker = Linker.nativeLinker();
            return SymbolLookup.libraryLookup(library, Arena.global()).find("clEnqueueNDRangeKernel")
                    .map(function -> linker.downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS,
                            ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS)));
        } catch (IllegalArgumentException | IllegalCallerException | UnsupportedOperationException e) {
            LOG.debug("the OpenCL loader {} cannot be called past JOCL", library, e);
            return Optional.empty();
        }
    }
}
