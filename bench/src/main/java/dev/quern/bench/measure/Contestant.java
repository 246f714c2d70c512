package dev.quern.bench.measure;

/** Somebody who can be timed in blocks of runs. */
public interface Contestant {
    /** The name in reports. */
    String name();

    /**
     * Runs a block.
     *
     * @param warm untimed runs before, which bring caches and clocks back after a rest
     * @param runs timed runs
     * @return the time of each timed run in nanoseconds
     */
    long[] block(int warm, int runs);

    /** Whether it runs in a process of its own, whose threads may still spin when somebody else begins. */
    default boolean apart() {
        return false;
    }
}
