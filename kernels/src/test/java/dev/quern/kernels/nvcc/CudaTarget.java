package dev.quern.kernels.nvcc;

import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * An architecture that kernels are compiled for, and a device that has it.
 *
 * @param architecture the compiler's name for it: {@code sm_80}
 * @param device       the device that variants are asked about
 */
record CudaTarget(String architecture, DeviceInfo device) {
    /** What kernels of the CUDA and of the portable dialect are compiled for: those of an A100 and of an H100. */
    static final List<CudaTarget> ALL = List.of(of("sm_80", "A100", 108), of("sm_90", "H100", 132));

    private static CudaTarget of(String architecture, String name, int multiprocessors) {
        return new CudaTarget(architecture, new DeviceInfo("cuda:0", DeviceKind.GPU, name, "NVIDIA Corporation", "CUDA", "",
                multiprocessors, 1024, 48 << 10, 80L << 30, 80L << 30, 256, 16,
                new TreeSet<>(Set.of(Dialect.PORTABLE, Dialect.CUDA)), new TreeSet<>(Set.of(architecture))));
    }
}
