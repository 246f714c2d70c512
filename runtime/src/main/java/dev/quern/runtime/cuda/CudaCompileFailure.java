package dev.quern.runtime.cuda;

/** A source did not compile; never leaves this package. */
final class CudaCompileFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param log what the compiler said */
    CudaCompileFailure(String log) {
        super(log);
    }
}
