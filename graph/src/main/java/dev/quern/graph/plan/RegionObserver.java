package dev.quern.graph.plan;

/** Looks on while a plan's step runs region by region. */
public interface RegionObserver {
    /** Called when everything before a region is done and the region has not begun. */
    default void before(ObservedRegion region) {
    }

    /** Called when a region is done and the next one has not begun. */
    void after(ObservedRegion region);
}
