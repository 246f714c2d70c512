package dev.quern.bench.peer;

/** A library to compare with, found in the child process through {@link java.util.ServiceLoader}. */
public interface Peer {
    /** Its name in reports: {@code openblas}, {@code pytorch}. */
    String name();

    /** Its version, the instruction set it chose where it tells, and its threads. */
    String description();

    /**
     * Makes ready for a task.
     *
     * @throws UnsupportedOperationException if the library does not do such work
     */
    Work prepare(PeerTask task) throws Exception;

    /** A task made ready. */
    interface Work extends AutoCloseable {
        /** Does it once, to the end. */
        void run() throws Exception;

        @Override
        void close();
    }
}
