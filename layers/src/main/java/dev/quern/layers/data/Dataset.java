package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;

/**
 * Labelled samples that can be copied, one at a time and in any order, into the rows of a batch: F32 inputs of one
 * shape and I32 class labels.
 */
public interface Dataset {
    /** What the samples are and where they are from, for messages: {@code MNIST training images of ./data}. */
    String name();

    /** The number of samples, at least 1. */
    int size();

    /** The shape of one sample, without the batch: {@code [1, 28, 28]}. */
    Shape sampleShape();

    /** The number of classes; labels are 0 to one less. */
    int classes();

    /**
     * Copies a sample into one row of a batch. Allocates nothing.
     *
     * @param sample 0 to {@link #size()} - 1
     * @param row    the row to write
     * @param inputs F32, {@code [rows, sampleShape...]}
     * @param labels I32, {@code [rows]}
     */
    void copy(int sample, int row, MemorySegment inputs, MemorySegment labels);

    /**
     * Copies a sample as {@link #copy} does, changed at random in a way that keeps its label, if this data set has been
     * told to. Allocates nothing.
     *
     * @param bits 64 uniform bits that decide the change
     */
    default void copyAugmented(int sample, long bits, int row, MemorySegment inputs, MemorySegment labels) {
        copy(sample, row, inputs, labels);
    }

    /** The label of a sample. */
    int label(int sample);

    /**
     * The same samples; where {@link #copyAugmented} copies them, images are moved by up to this many pixels along both
     * axes, with background moving in.
     *
     * @throws QuernException if the samples are no images and the shift is not 0
     */
    default Dataset withRandomShift(int pixels) {
        if (pixels == 0) {
            return this;
        }
        throw new QuernException(name() + ": samples " + sampleShape() + " are no images that could be shifted");
    }

    /** The first {@code samples} samples, or this data set where it has no more. */
    default Dataset limit(int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("a data set needs at least 1 sample, not " + samples);
        }
        return samples >= size() ? this : new LimitedDataset(this, samples);
    }
}
