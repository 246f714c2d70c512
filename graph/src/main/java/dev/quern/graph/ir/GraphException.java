package dev.quern.graph.ir;

import dev.quern.runtime.QuernException;

/** A graph that cannot be: the message begins with the node's name and the user's source line. */
public final class GraphException extends QuernException {
    private static final long serialVersionUID = 1L;

    public GraphException(String message) {
        super(message);
    }

    public GraphException(String message, Throwable cause) {
        super(message, cause);
    }
}
