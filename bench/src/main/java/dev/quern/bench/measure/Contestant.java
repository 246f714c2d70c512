package dev.quern.bench.measure;

/** Something whose runs can be timed in blocks: a kernel variant, a training step, a peer in a process of its own. */
public interface Contestant {
    /** How the report names it. */
    String name();

    /**
     * Runs a block.
     *
     * @param warm untimed runs before, which bring caches and clocks back after a rest
     * @param runs timed runs
     * @return the time of each timed run in nanoseconds
     */
    long[] block(int warm, int runs);
}
