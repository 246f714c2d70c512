package dev.quern.layers.data;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Samples that can be copied, in any order and by several threads at a time, into the rows of a batch. */
public interface Samples {
    /** What the samples are and where they are from, for messages: {@code MNIST training images of ./data}. */
    String name();

    /** The number of samples, at least 1. */
    int size();

    /** The tensors that a batch of them consists of. */
    List<Feed> feeds();

    /**
     * Copies a sample into one row of a batch. Allocates nothing.
     *
     * @param sample 0 to {@link #size()} - 1
     * @param row    the row to write
     * @param batch  one segment a feed, in the feeds' order, each {@code [rows, sampleShape...]}
     */
    void copy(int sample, int row, List<MemorySegment> batch);

    /**
     * Copies a sample as {@link #copy} does, changed at random in a way that keeps what is to be learned from it, if
     * these samples have been told to. Allocates nothing.
     *
     * @param bits 64 uniform bits that decide the change
     */
    default void copyAugmented(int sample, long bits, int row, List<MemorySegment> batch) {
        copy(sample, row, batch);
    }

    /** The first {@code samples} samples, or these where there are no more. */
    default Samples limit(int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("a data set needs at least 1 sample, not " + samples);
        }
        return samples >= size() ? this : new LimitedSamples(this, samples);
    }
}
