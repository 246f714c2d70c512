package dev.quern.runtime;

/**
 * A kernel's source did not compile. The message starts with one line that names the program and the device, followed
 * by the compiler's log and the numbered source around each error.
 */
public final class KernelCompileException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public KernelCompileException(String message) {
        super(message);
    }

    public KernelCompileException(String message, Throwable cause) {
        super(message, cause);
    }
}
