package dev.quern.runtime;

import java.util.List;

/**
 * A list of launches whose arguments are bound once, to be replayed many times without allocation. It does not own the
 * memory that it uses; close it before that memory.
 */
public interface Recording extends AutoCloseable {
    /**
     * Set to {@code false}, this system property has the recordings made from then on launch their kernels one by one on devices
     * that would launch all of a recording as one graph.
     */
    String GRAPH_PROPERTY = "quern.graph";

    /** The launches, in the order in which they run. */
    List<Launch> launches();

    @Override
    void close();
}
