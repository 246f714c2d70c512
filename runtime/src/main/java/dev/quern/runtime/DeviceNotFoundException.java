package dev.quern.runtime;

/** No device answers to the name that was asked for; the message lists those that exist and what to install. */
public final class DeviceNotFoundException extends DeviceException {
    private static final long serialVersionUID = 1L;

    public DeviceNotFoundException(String message) {
        super(message);
    }
}
