package dev.quern.examples.command;

/** Whoever reads what a command prints. */
public final class Terminal {
    private Terminal() {
    }

    /** Whether a person is at a terminal, so that a progress bar has somebody to look at it. */
    public static boolean isWatched() {
        return System.console() != null && System.console().isTerminal();
    }
}
