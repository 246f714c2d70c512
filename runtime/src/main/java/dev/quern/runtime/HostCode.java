package dev.quern.runtime;

import java.util.Map;

/**
 * Kernels written in Java, by entry name. Only the host device compiles them.
 *
 * @param name    a short stable name, for example {@code gemm/blocked}
 * @param kernels the kernels by entry name
 */
public record HostCode(String name, Map<String, HostKernel> kernels) implements ProgramSource {
    public HostCode {
        kernels = Map.copyOf(kernels);
    }

    /** A program with a single kernel. */
    public static HostCode of(String name, String entry, HostKernel kernel) {
        return new HostCode(name, Map.of(entry, kernel));
    }
}
