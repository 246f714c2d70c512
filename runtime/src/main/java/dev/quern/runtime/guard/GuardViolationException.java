package dev.quern.runtime.guard;

import dev.quern.runtime.QuernException;

/** A kernel wrote outside of its memory; the message says whose, on which side and how far. */
public final class GuardViolationException extends QuernException {
    private static final long serialVersionUID = 1L;

    GuardViolationException(String message) {
        super(message);
    }
}
