package dev.quern.runtime;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Kernels written in Java, by entry name. Only the host device compiles them.
 *
 * @param name    a short stable name, for example {@code gemm/blocked}
 * @param kernels the kernels by entry name
 * @param files   where code was generated: forms of it for reading, made when they are asked for
 */
public record HostCode(String name, Map<String, HostKernel> kernels, Supplier<List<ProgramFile>> files)
        implements ProgramSource {
    public HostCode {
        kernels = Map.copyOf(kernels);
    }

    /** Kernels that somebody wrote: there is nothing to see but their source. */
    public HostCode(String name, Map<String, HostKernel> kernels) {
        this(name, kernels, List::of);
    }

    /** A program with a single kernel. */
    public static HostCode of(String name, String entry, HostKernel kernel) {
        return new HostCode(name, Map.of(entry, kernel));
    }
}
