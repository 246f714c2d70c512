package dev.quern.runtime.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.OptionalLong;

import jcuda.driver.CUresult;

/**
 * The driver's library through {@code java.lang.foreign}: the questions that come before JCuda may be loaded, and the functions
 * that JCuda lacks.
 */
final class DriverLibrary {
    /** {@code CU_MEMPOOL_ATTR_RELEASE_THRESHOLD}: how many unused bytes a pool keeps when a stream is waited for. */
    private static final int POOL_RELEASE_THRESHOLD = 4;

    private final NativeLibrary library;

    private DriverLibrary(NativeLibrary library) {
        this.library = library;
    }

    /** What the driver's library is called here. */
    static String fileName() {
        return NativeLibrary.windows() ? "nvcuda.dll" : "libcuda.so.1";
    }

    static Optional<DriverLibrary> find() {
        return NativeLibrary.open(fileName()).map(DriverLibrary::new);
    }

    /** {@code cuInit}: a {@code CUresult}. */
    int initialize() {
        return call(library.function("cuInit", JAVA_INT), 0);
    }

    /** {@code cuDriverGetVersion}: the newest CUDA that the driver serves, for example 12080. Needs no initialisation. */
    int version() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment version = arena.allocate(JAVA_INT);
            CudaFailure.check(call(library.function("cuDriverGetVersion", ADDRESS), version));
            return version.get(JAVA_INT, 0);
        }
    }

    /** {@code cuDeviceGetCount}. */
    int devices() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment count = arena.allocate(JAVA_INT);
            CudaFailure.check(call(library.function("cuDeviceGetCount", ADDRESS), count));
            return count.get(JAVA_INT, 0);
        }
    }

    /** {@code cuFuncGetParamInfo}: the size in bytes of a kernel's parameter; empty past the last one. */
    OptionalLong parameterBytes(Handles.Function function, int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment offset = arena.allocate(JAVA_LONG);
            MemorySegment bytes = arena.allocate(JAVA_LONG);
            int status = call(library.function("cuFuncGetParamInfo", ADDRESS, JAVA_LONG, ADDRESS, ADDRESS),
                    MemorySegment.ofAddress(function.address()), (long) index, offset, bytes);
            if (status == CUresult.CUDA_ERROR_INVALID_VALUE) {
                return OptionalLong.empty();
            }
            CudaFailure.check(status);
            return OptionalLong.of(bytes.get(JAVA_LONG, 0));
        }
    }

    /** {@code cuDeviceGetDefaultMemPool}, set to keep what is freed until the pool is trimmed. */
    MemorySegment keepingPool(Handles.Gpu device) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pool = arena.allocate(ADDRESS);
            CudaFailure.check(call(library.function("cuDeviceGetDefaultMemPool", ADDRESS, JAVA_INT), pool, device.handle()));
            MemorySegment handle = pool.get(ADDRESS, 0);
            MemorySegment everything = arena.allocateFrom(JAVA_LONG, -1L);
            CudaFailure.check(call(library.function("cuMemPoolSetAttribute", ADDRESS, JAVA_INT, ADDRESS), handle,
                    POOL_RELEASE_THRESHOLD, everything));
            return handle;
        }
    }

    /** {@code cuMemPoolTrimTo} nothing: gives back what the pool keeps and nobody uses. */
    void trim(MemorySegment pool) {
        CudaFailure.check(call(library.function("cuMemPoolTrimTo", ADDRESS, JAVA_LONG), pool, 0L));
    }

    /**
     * {@code cuLaunchKernel}. JCuda has it too, but there a launch costs the host 1.2 to 1.9 µs before the driver's own share, and
     * 0.1 to 0.2 µs this way (in one process, with a driver that does nothing).
     *
     * @param grid      the groups along x, y and z, then the work-items of one along x, y and z
     * @param arguments the address of an array with the addresses of the arguments
     * @return a {@code CUresult}
     */
    static int launch(long function, int[] grid, long stream, long arguments) {
        try {
            return (int) LaunchFunction.KERNEL.invokeExact(function, grid[0], grid[1], grid[2], grid[3], grid[4], grid[5], 0, stream,
                    arguments, 0L);
        } catch (Throwable e) {
            throw new IllegalStateException("cuLaunchKernel could not be called", e);
        }
    }

    /** Made when something is first launched; constant, so that the compiler sees through it. Pointers go as numbers. */
    private static final class LaunchFunction {
        static final MethodHandle KERNEL = NativeLibrary.open(fileName()).orElseThrow().function("cuLaunchKernel", JAVA_LONG, JAVA_INT,
                JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    }

    private static int call(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new IllegalStateException("a call of the driver's library could not be made", e);
        }
    }
}
