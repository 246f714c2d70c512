package dev.quern.layers.data;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** The first samples of others. */
record LimitedSamples(Samples whole, int size) implements Samples {
    @Override
    public String name() {
        return "the first " + size + " of " + whole.name();
    }

    @Override
    public List<Feed> feeds() {
        return whole.feeds();
    }

    @Override
    public void copy(int sample, int row, List<MemorySegment> batch) {
        whole.copy(sample, row, batch);
    }

    @Override
    public void copyAugmented(int sample, long bits, int row, List<MemorySegment> batch) {
        whole.copyAugmented(sample, bits, row, batch);
    }
}
