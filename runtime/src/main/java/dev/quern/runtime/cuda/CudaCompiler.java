package dev.quern.runtime.cuda;

/** Something that turns CUDA C++ into what a driver loads. */
interface CudaCompiler {
    /** The compiler and its version, for people and for the cache of programs: {@code NVRTC 13.0}. */
    String name();

    /**
     * Machine code for an architecture; PTX where the compiler does not know the architecture, which the driver then compiles.
     *
     * @param source  the whole source, prelude included
     * @param program the program's name
     * @param arch    the architecture, for example {@code sm_90}
     * @throws CudaCompileFailure if the source does not compile
     */
    byte[] image(String source, String program, String arch) throws CudaCompileFailure;

    /** PTX for an architecture, for reading. */
    byte[] ptx(String source, String program, String arch) throws CudaCompileFailure;

    /** {@code compute_90} for {@code sm_90}. */
    static String virtual(String arch) {
        return arch.replace("sm_", "compute_");
    }
}
