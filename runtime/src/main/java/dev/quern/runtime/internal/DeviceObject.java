package dev.quern.runtime.internal;

/** Something of a driver's that its device releases if nobody did before. */
public interface DeviceObject {
    /** Releases the driver's objects without asking whether work still uses them; twice is once. */
    void release();
}
