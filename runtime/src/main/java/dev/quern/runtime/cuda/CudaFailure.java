package dev.quern.runtime.cuda;

/** A call of the driver that did not succeed; never leaves this package. */
final class CudaFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    private CudaFailure(int status) {
        super(CudaErrors.describe(status));
        this.status = status;
    }

    /** The {@code CUresult}. */
    int status() {
        return status;
    }

    /** Throws unless {@code status} is success. */
    static void check(int status) {
        if (status != 0) {
            throw new CudaFailure(status);
        }
    }
}
