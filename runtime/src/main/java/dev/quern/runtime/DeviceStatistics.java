package dev.quern.runtime;

/**
 * Counters of a device since it was opened. A plan in its steady state changes none of the first two.
 *
 * @param allocations      device allocations made
 * @param programsBuilt    programs compiled or loaded from the disk cache
 * @param programCacheHits of those, how many came from the disk cache
 * @param liveBytes        bytes allocated now
 * @param peakBytes        the most bytes that were allocated at one time
 */
public record DeviceStatistics(long allocations, long programsBuilt, long programCacheHits, long liveBytes, long peakBytes) {
}
