package dev.quern.runtime;

/** One allocation of device memory. Closing it waits for work that may still use it, then releases it; twice is once. */
public interface Memory extends AutoCloseable {
    /** The device that owns this memory. */
    Device device();

    /** The length in bytes. */
    long bytes();

    /** What the memory is for, shown in errors and leak reports. */
    String label();

    /** Whether this memory has been closed. */
    boolean closed();

    /**
     * A part of this memory.
     *
     * @param offset a multiple of {@link DeviceInfo#baseAlignment()}
     * @param bytes  at least 1
     * @throws IllegalArgumentException if the offset is not aligned or the part is not inside the memory
     * @throws IllegalStateException    if the memory is closed
     */
    Slice slice(long offset, long bytes);

    /** The whole memory. */
    default Slice slice() {
        return slice(0, bytes());
    }

    @Override
    void close();
}
