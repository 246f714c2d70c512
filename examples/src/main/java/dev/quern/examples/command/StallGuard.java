package dev.quern.examples.command;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Closes a stream from which nothing has come for too long, so that whoever waits for it wakes with an exception. */
final class StallGuard implements AutoCloseable {
    private static final int LOOKS = 4;

    private final InputStream stream;
    private final Duration patience;
    private final ScheduledExecutorService timer;
    private volatile long moved = System.nanoTime();
    private volatile boolean stalled;

    /**
     * Begins to watch.
     *
     * @param patience how long nothing may come
     */
    StallGuard(InputStream stream, Duration patience) {
        this.stream = stream;
        this.patience = patience;
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> Thread.ofPlatform().daemon().name("quern-download-watch").unstarted(task));
        long interval = Math.max(1, patience.toMillis() / LOOKS);
        timer.scheduleAtFixedRate(this::look, interval, interval, TimeUnit.MILLISECONDS);
    }

    private void look() {
        if (System.nanoTime() - moved > patience.toNanos() && !stalled) {
            stalled = true;
            try {
                stream.close();
            } catch (IOException e) {
                // The reader is told by its own exception.
            }
        }
    }

    /** Something has come. */
    void moved() {
        moved = System.nanoTime();
    }

    /** Whether the stream was closed because nothing came. */
    boolean stalled() {
        return stalled;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
