package dev.quern.graph.plan;

import java.util.List;

/**
 * Where each temporary lies.
 *
 * @param places   a place for each lifetime, in their order
 * @param blocks   the length of each block, in bytes
 * @param bound    the most bytes in use at one step: no layout can be smaller
 * @param strategy the order of placing that gave the least
 */
public record Layout(List<Place> places, List<Long> blocks, long bound, String strategy) {
    public Layout {
        places = List.copyOf(places);
        blocks = List.copyOf(blocks);
    }

    /**
     * A place.
     *
     * @param block  the block's number
     * @param offset the first byte in the block
     */
    public record Place(int block, long offset) {
    }

    /** The bytes of all blocks. */
    public long bytes() {
        return blocks.stream().mapToLong(Long::longValue).sum();
    }
}
