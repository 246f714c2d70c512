package dev.quern.runtime;

/**
 * The root of every exception that Quern throws for a reason a user can act on. Its message is one line that names
 * what failed, the rule that was broken and a hint.
 */
public class QuernException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public QuernException(String message) {
        super(message);
    }

    public QuernException(String message, Throwable cause) {
        super(message, cause);
    }
}
