package dev.quern.examples.command;

import dev.quern.runtime.QuernException;

/** The command was given something that it cannot take: exit code 2. */
public final class UsageException extends QuernException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
