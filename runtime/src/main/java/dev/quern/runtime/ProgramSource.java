package dev.quern.runtime;

/** What a {@link Device} compiles: text in one of the kernel dialects, or code that is already Java. */
public sealed interface ProgramSource permits KernelText, HostCode {
    /** A short stable name for messages, caches and traces, for example {@code gemm/packed_cpu}. */
    String name();
}
