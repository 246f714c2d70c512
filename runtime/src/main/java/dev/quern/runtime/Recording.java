package dev.quern.runtime;

import java.util.List;

/**
 * A list of launches whose arguments are bound once, to be replayed many times without allocation. It does not own the
 * memory that it uses; close it before that memory.
 */
public interface Recording extends AutoCloseable {
    /** The launches, in the order in which they run. */
    List<Launch> launches();

    @Override
    void close();
}
