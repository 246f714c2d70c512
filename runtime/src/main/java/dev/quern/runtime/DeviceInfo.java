package dev.quern.runtime;

import java.util.SortedSet;

/**
 * What a device is and what its limits are.
 *
 * @param id                   how users name it: {@code opencl:0}, {@code host}
 * @param kind                 what kind of processor it is
 * @param name                 the driver's name for it
 * @param vendor               the maker
 * @param platform             the API and platform with its version, for example {@code OpenCL 3.0 PoCL 3.1}
 * @param driver               the driver's version
 * @param computeUnits         parallel compute units (cores)
 * @param maxGroupSize         most work-items in a group
 * @param localMemory          local (shared) memory a group may use, in bytes
 * @param globalMemory         device memory, in bytes
 * @param maxAllocation        the largest single allocation, in bytes
 * @param baseAlignment        the alignment of slices, in bytes; a power of two
 * @param vectorBytes          the width of the vector registers in bytes where it is known (64 for AVX-512), else 16
 * @param dialects             the dialects of kernels that it runs
 * @param extensions           the driver's extensions
 */
public record DeviceInfo(String id, DeviceKind kind, String name, String vendor, String platform, String driver,
        int computeUnits, int maxGroupSize, long localMemory, long globalMemory, long maxAllocation, int baseAlignment,
        int vectorBytes, SortedSet<Dialect> dialects, SortedSet<String> extensions) {

    /** Whether the device runs kernels of this dialect. */
    public boolean runs(Dialect dialect) {
        return dialects.contains(dialect);
    }

    /** Whether the device is the machine's own processor: one work-item should own a whole tile there. */
    public boolean isCpu() {
        return kind == DeviceKind.CPU || kind == DeviceKind.HOST;
    }
}
