package dev.quern.graph.op;

import dev.quern.runtime.QuernException;

/**
 * Operands that an op does not take: the message names the shapes, the rule and a hint. The builder puts the node's name
 * and the user's source line before it.
 */
public final class IllegalOperandException extends QuernException {
    private static final long serialVersionUID = 1L;

    public IllegalOperandException(String message) {
        super(message);
    }
}
