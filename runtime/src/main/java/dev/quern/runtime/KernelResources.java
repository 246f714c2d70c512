package dev.quern.runtime;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What a compiled kernel takes of its device; empty where the driver does not tell.
 *
 * @param registers     registers of a work-item
 * @param localMemory   local (shared) memory of a group, in bytes
 * @param privateMemory memory of a work-item that is not in registers, in bytes: arrays indexed at run time, and what was spilled
 * @param maxGroup      most work-items of a group
 * @param occupancy     the share of a compute unit's work-items that groups of the asked size can fill, between 0 and 1
 */
public record KernelResources(OptionalLong registers, OptionalLong localMemory, OptionalLong privateMemory, OptionalLong maxGroup,
        OptionalDouble occupancy) {
    /** For devices that have nothing to tell. */
    public static final KernelResources UNKNOWN = new KernelResources(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
            OptionalLong.empty(), OptionalDouble.empty());
}
