package dev.quern.layers.data;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Samples that are the rows of one tensor in memory, with one label a row. */
public final class TensorDataset implements Dataset {
    private final String name;
    private final HostTensor inputs;
    private final HostTensor labels;
    private final int classes;
    private final Shape sampleShape;

    /**
     * @param name    for messages
     * @param inputs  F32, {@code [samples, ...]}
     * @param labels  I32, {@code [samples]}, each 0 to {@code classes} - 1
     * @param classes the number of classes
     */
    public TensorDataset(String name, HostTensor inputs, HostTensor labels, int classes) {
        if (inputs.dtype() != DType.F32 || inputs.shape().rank() < 1 || labels.dtype() != DType.I32
                || labels.shape().rank() != 1 || labels.shape().extent(0) != inputs.shape().extent(0)
                || labels.shape().extent(0) < 1) {
            throw new IllegalArgumentException(name + ": inputs " + inputs + " and labels " + labels
                    + " must be F32[samples, ...] and I32[samples] with at least one sample");
        }
        this.name = name;
        this.inputs = inputs;
        this.labels = labels;
        this.classes = classes;
        int[] extents = inputs.shape().toArray();
        this.sampleShape = Shape.of(Arrays.copyOfRange(extents, 1, extents.length));
        for (int sample = 0; sample < size(); sample++) {
            if (label(sample) < 0 || label(sample) >= classes) {
                throw new IllegalArgumentException(name + ": label " + label(sample) + " of sample " + sample
                        + " is not in 0.." + (classes - 1));
            }
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return labels.shape().extent(0);
    }

    @Override
    public Shape sampleShape() {
        return sampleShape;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int label(int sample) {
        return labels.memory().getAtIndex(ValueLayout.JAVA_INT, sample);
    }

    @Override
    public void copy(int sample, int row, MemorySegment inputs, MemorySegment labels) {
        long bytes = sampleShape.elements() * Float.BYTES;
        MemorySegment.copy(this.inputs.memory(), sample * bytes, inputs, row * bytes, bytes);
        labels.setAtIndex(ValueLayout.JAVA_INT, row, label(sample));
    }
}
