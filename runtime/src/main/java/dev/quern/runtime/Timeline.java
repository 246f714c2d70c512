package dev.quern.runtime;

/**
 * When each launch of a recording ran.
 *
 * @param starts nanoseconds from the first launch's start to that of each, on the device's own clock (on the host device: wall clock)
 * @param ends   nanoseconds from the first launch's start to the end of each
 * @param wall   nanoseconds on the wall clock from giving the first launch to the device until it was known that the last is done
 */
public record Timeline(long[] starts, long[] ends, long wall) {
    /** How long each launch ran. */
    public long[] durations() {
        long[] durations = new long[starts.length];
        for (int i = 0; i < durations.length; i++) {
            durations[i] = ends[i] - starts[i];
        }
        return durations;
    }

    /** How long the device waited before a launch since the end of the one before; 0 before the first. */
    public long wait(int launch) {
        return launch == 0 ? 0 : Math.max(0, starts[launch] - ends[launch - 1]);
    }
}
