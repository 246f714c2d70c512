package dev.quern.layers.data;

import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;

/** The first samples of another data set. */
record LimitedDataset(Dataset whole, int size) implements Dataset {
    @Override
    public String name() {
        return "the first " + size + " of " + whole.name();
    }

    @Override
    public Shape sampleShape() {
        return whole.sampleShape();
    }

    @Override
    public int classes() {
        return whole.classes();
    }

    @Override
    public void copy(int sample, int row, MemorySegment inputs, MemorySegment labels) {
        whole.copy(sample, row, inputs, labels);
    }

    @Override
    public void copyAugmented(int sample, long bits, int row, MemorySegment inputs, MemorySegment labels) {
        whole.copyAugmented(sample, bits, row, inputs, labels);
    }

    @Override
    public Dataset withRandomShift(int pixels) {
        return new LimitedDataset(whole.withRandomShift(pixels), size);
    }

    @Override
    public int label(int sample) {
        return whole.label(sample);
    }
}
