package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Labelled samples that can be copied, one at a time and in any order, into the rows of a batch: F32 inputs of one
 * shape and I32 class labels.
 */
public interface Dataset extends Samples {
    /** The feed of a sample's numbers, F32 [batch, sample shape...]. */
    String INPUT = "x";
    /** The feed of class labels, I32 [batch]. */
    String LABELS = "labels";

    @Override
    default List<Feed> feeds() {
        return feeds(sampleShape(), classes());
    }

    /** The feeds of labelled samples. */
    static List<Feed> feeds(Shape sampleShape, int classes) {
        return List.of(Feed.numbers(INPUT, sampleShape), Feed.indices(LABELS, classes, Shape.scalar()));
    }

    @Override
    default void copy(int sample, int row, List<MemorySegment> batch) {
        copy(sample, row, batch.get(0), batch.get(1));
    }

    @Override
    default void copyAugmented(int sample, long bits, int row, List<MemorySegment> batch) {
        copyAugmented(sample, bits, row, batch.get(0), batch.get(1));
    }

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
}
