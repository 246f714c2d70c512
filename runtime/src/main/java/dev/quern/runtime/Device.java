package dev.quern.runtime;

import java.util.List;

/**
 * A device: the one door to a driver. It owns its queue, its programs and, until they are closed, its memory. Every
 * method throws {@link IllegalStateException} after {@link #close()}, before any native call.
 */
public interface Device extends AutoCloseable {
    /** What the device is. */
    DeviceInfo info();

    /** The device's in-order queue. */
    Queue queue();

    /**
     * Allocates zeroed device memory.
     *
     * @param bytes at least 1 and at most {@link DeviceInfo#maxAllocation()}
     * @param label what it is for, shown in errors
     * @throws OutOfDeviceMemoryException if the device has not enough
     */
    Memory allocate(long bytes, String label);

    /** Host memory to copy from and to. */
    Staging staging(long bytes);

    /**
     * Compiles a program, or returns the one already compiled from an equal source.
     *
     * @throws KernelCompileException   if the source does not compile
     * @throws IllegalArgumentException if the device does not run the source's dialect
     */
    Program compile(ProgramSource source);

    /**
     * Binds launches for replay.
     *
     * @throws IllegalArgumentException if a grid is past the device's limits, an argument's memory is closed or of
     *                                  another device, or the number of arguments is not the kernel's
     */
    Recording record(List<Launch> launches);

    /** Counters since the device was opened. */
    DeviceStatistics statistics();

    /** Waits for the queue, then releases everything; what is still open is reported with where it was allocated. */
    @Override
    void close();
}
