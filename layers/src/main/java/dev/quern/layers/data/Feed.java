package dev.quern.layers.data;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;

/**
 * One of the tensors that a batch consists of.
 *
 * @param name        the input's name in the graph: {@code x}, {@code labels}
 * @param dtype       its storage type
 * @param sampleShape the shape of one sample, without the batch; a scalar's for one number a sample
 * @param limit       values are whole numbers from 0 to one less, as class labels and indices of a vocabulary are; 0 where
 *                    they are any numbers
 */
public record Feed(String name, DType dtype, Shape sampleShape, int limit) {
    public Feed {
        if (name.isEmpty() || limit < 0) {
            throw new IllegalArgumentException("feed '" + name + "' with limit " + limit);
        }
    }

    /** F32 numbers of any size. */
    public static Feed numbers(String name, Shape sampleShape) {
        return new Feed(name, DType.F32, sampleShape, 0);
    }

    /** I32 numbers from 0 to {@code limit} - 1: classes, or indices of a vocabulary. */
    public static Feed indices(String name, int limit, Shape sampleShape) {
        return new Feed(name, DType.I32, sampleShape, limit);
    }

    /** The shape of a batch. */
    public Shape batchShape(int batch) {
        int[] extents = new int[sampleShape.rank() + 1];
        extents[0] = batch;
        System.arraycopy(sampleShape.toArray(), 0, extents, 1, sampleShape.rank());
        return Shape.of(extents);
    }

    /** As messages have it: {@code labels I32[] below 10}. */
    @Override
    public String toString() {
        return name + " " + dtype + sampleShape + (limit > 0 ? " below " + limit : "");
    }
}
