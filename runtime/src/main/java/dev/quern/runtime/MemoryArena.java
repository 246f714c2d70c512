package dev.quern.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * A few blocks of device memory, none larger than the device's largest allocation, in which a plan places its slots.
 * Where a slot goes is the plan's business; the arena gives out the slices.
 */
public final class MemoryArena implements AutoCloseable {
    private final List<Memory> blocks;

    private MemoryArena(List<Memory> blocks) {
        this.blocks = List.copyOf(blocks);
    }

    /**
     * Allocates the blocks; all or none.
     *
     * @param blockBytes the length of each block; none gives an empty arena
     * @throws OutOfDeviceMemoryException if a block is past {@link DeviceInfo#maxAllocation()} or the device has not enough
     */
    public static MemoryArena allocate(Device device, List<Long> blockBytes, String label) {
        List<Memory> blocks = new ArrayList<>();
        try {
            for (long bytes : blockBytes) {
                blocks.add(device.allocate(bytes, blockBytes.size() == 1 ? label : label + " block " + blocks.size()));
            }
            return new MemoryArena(blocks);
        } catch (RuntimeException e) {
            blocks.forEach(Memory::close);
            throw e;
        }
    }

    /** The number of blocks. */
    public int blocks() {
        return blocks.size();
    }

    /** The length of all blocks together, in bytes. */
    public long bytes() {
        return blocks.stream().mapToLong(Memory::bytes).sum();
    }

    /**
     * A slot.
     *
     * @param offset a multiple of {@link DeviceInfo#baseAlignment()}
     * @throws IllegalArgumentException if there is no such block, the offset is not aligned or the slot leaves the block
     */
    public Slice slice(int block, long offset, long bytes) {
        if (block < 0 || block >= blocks.size()) {
            throw new IllegalArgumentException("block " + block + ": the arena has " + blocks.size());
        }
        return blocks.get(block).slice(offset, bytes);
    }

    @Override
    public void close() {
        blocks.forEach(Memory::close);
    }
}
