package dev.quern.runtime;

import java.lang.foreign.MemorySegment;

/**
 * Host memory that a device can copy from and to without an extra copy (pinned where the driver offers it). A queue
 * may still be reading or writing it after a call returns: {@link #await()} before touching it again.
 */
public interface Staging extends AutoCloseable {
    /** The memory, in the machine's byte order; zero when new. */
    MemorySegment memory();

    /** Waits until no queued copy uses this memory any more. Returns at once when none does, and allocates nothing. */
    void await();

    /** Waits, then releases the memory; twice is once. */
    @Override
    void close();
}
