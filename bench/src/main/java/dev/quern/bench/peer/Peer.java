package dev.quern.bench.peer;

import dev.quern.runtime.HostTensor;
import java.util.List;

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

        /**
         * Does it once on given inputs.
         *
         * @param inputs one for each of the task's inputs
         * @return the elements of each output, dense and row-major
         * @throws UnsupportedOperationException if this work has no result to compare
         */
        default List<double[]> outputs(List<HostTensor> inputs) throws Exception {
            throw new UnsupportedOperationException("the result of this task cannot be compared");
        }

        @Override
        void close();
    }
}
