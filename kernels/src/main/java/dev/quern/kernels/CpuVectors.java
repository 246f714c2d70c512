package dev.quern.kernels;

/** Texts that kernels for CPUs have in front: how a line of memory is asked for before it is needed, and names for vectors of W lanes. */
public final class CpuVectors {
    private CpuVectors() {
    }

    /** FETCH(pointer) and FETCH_FAR(pointer), which change no result. */
    public static String fetch() {
        return KernelResource.text(CpuVectors.class, "fetch.cl");
    }

    /**
     * The same, and Q_JOIN, VECTOR, INTS and LANES of the definition W.
     *
     * @see VectorWidth
     */
    public static String names() {
        return fetch() + KernelResource.text(CpuVectors.class, "vector_names.cl");
    }
}
