package dev.quern.runtime;

/** The language that a kernel is written in. */
public enum Dialect {
    /** Plain Java, run by the host device. */
    JAVA,
    /** OpenCL C 1.2 with what the kernel's requirements name. */
    OPENCL,
    /** CUDA C++. */
    CUDA,
    /** One source for OpenCL C and CUDA C++ through the preludes ({@code Q_KERNEL}, {@code Q_GLOBAL}, …). */
    PORTABLE
}
