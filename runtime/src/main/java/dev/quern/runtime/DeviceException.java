package dev.quern.runtime;

/** A device or its driver refused or failed an operation; the message names the call and the driver's code. */
public class DeviceException extends QuernException {
    private static final long serialVersionUID = 1L;

    public DeviceException(String message) {
        super(message);
    }

    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
