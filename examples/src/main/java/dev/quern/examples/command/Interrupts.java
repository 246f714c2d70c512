package dev.quern.examples.command;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C (or a polite kill) into a request that long work heeds between its steps, so that it can end whole: the
 * virtual machine's end is held back until the command is over, and then the exit code is 1. While no such work runs,
 * the signal ends the program at once, as ever.
 */
final class Interrupts {
    private static final int PATIENCE_SECONDS = 60;

    private final CountDownLatch over = new CountDownLatch(1);
    private Thread hook = new Thread();

    /**
     * Begins to hold interrupts back, until {@link #release()}.
     *
     * @param request asks the work to end; called on another thread, at most once
     */
    void hold(Runnable request) {
        hook = new Thread(() -> holdBack(request), "quern-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Says that nothing is left to protect: called once everything has been printed. */
    void commandIsOver() {
        over.countDown();
    }

    private void holdBack(Runnable request) {
        request.run();
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
