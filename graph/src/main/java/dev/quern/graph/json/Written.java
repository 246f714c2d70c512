package dev.quern.graph.json;

/**
 * An object that is no record and is written down as one.
 *
 * @param <F> the record, from which the object can be made again
 */
public interface Written<F extends Record & Written.Form> {
    /**
     * What it is written as.
     *
     * @throws dev.quern.runtime.QuernException if it cannot be written down
     */
    F form();

    /** A record that stands for another object. */
    interface Form {
        /** The object. */
        Object restored();
    }
}
