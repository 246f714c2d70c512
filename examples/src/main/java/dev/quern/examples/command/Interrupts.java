package dev.quern.examples.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C (or a polite kill) into a question that long work asks between its steps, so that it can end whole: the
 * virtual machine's end is held back until the command is over, and then the exit code is 1. While no such work runs,
 * the signal ends the program at once, as ever.
 */
final class Interrupts {
    private static final int PATIENCE_SECONDS = 60;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook = new Thread(this::holdBack, "quern-interrupt");
    private volatile boolean requested;

    /** Begins to hold interrupts back, until {@link #release()}. */
    void hold() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Whether the work should end after the step at hand. */
    boolean requested() {
        return requested;
    }

    /** Says that nothing is left to protect: called once everything has been printed. */
    void commandIsOver() {
        over.countDown();
    }

    private void holdBack() {
        requested = true;
        try {
            if (!over.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("quern: interrupted; the step did not end within " + PATIENCE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    /** Lets interrupts end the program again, unless one has come already. */
    void release() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending already: the hook waits for commandIsOver().
        }
    }
}
