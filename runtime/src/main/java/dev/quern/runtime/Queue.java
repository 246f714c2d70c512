package dev.quern.runtime;

import java.util.List;

/**
 * An in-order queue of a device. Work runs in the order in which it is given; calls other than {@link #read},
 * {@link #timeline} and {@link #finish} may return before the work is done. Not for use by several threads at a time.
 */
public interface Queue {
    /** Runs every launch of the recording, in order. Allocates nothing. */
    void run(Recording recording);

    /**
     * Runs every launch of the recording, in order, and waits. Each launch is timed on the device, so launches may be
     * further apart than in {@link #run}.
     */
    Timeline timeline(Recording recording);

    /** The same: how long each launch ran, in nanoseconds. */
    default long[] time(Recording recording) {
        return timeline(recording).durations();
    }

    /** Copies from the start of {@code source} to the whole of {@code target}. */
    void write(Staging source, Slice target);

    /**
     * Whether {@link #writeAhead} copies beside what was given before. Elsewhere it is as good to write where the copy is needed: copies
     * are made by the cores that compute, or when they are asked for.
     */
    default boolean writesAhead() {
        return false;
    }

    /**
     * Copies as {@link #write} does, but where {@link #writesAhead} beside the work that was given before; what is given later waits for it.
     * The target serves this alone: nothing but {@link #copy} reads it, and nothing else writes it.
     */
    default void writeAhead(Staging source, Slice target) {
        write(source, target);
    }

    /** Copies the whole of {@code source} to the start of {@code target}, and waits until it is there. */
    void read(Slice source, Staging target);

    /** Copies between two slices of equal length that do not overlap. */
    void copy(Slice source, Slice target);

    /** Sets every byte of {@code target}. */
    void fill(Slice target, byte value);

    /** Waits until everything given so far is done; throws what failed. */
    void finish();

    /** Runs launches once: binds, runs, waits and releases. For tests and set-up, not for steps. */
    default void runOnce(List<Launch> launches, Device device) {
        try (Recording recording = device.record(launches)) {
            run(recording);
            finish();
        }
    }
}
