package dev.quern.runtime;

/** What kind of processor a device is. */
public enum DeviceKind {
    /** A graphics processor. */
    GPU,
    /** Another accelerator. */
    ACCELERATOR,
    /** The machine's processor, through a driver such as PoCL. */
    CPU,
    /** The built-in Java device. */
    HOST
}
