package dev.quern.layers.nn;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;

/**
 * A classifier by name: what it takes, what it tells apart, and its layers.
 *
 * @param name        {@code lenet}
 * @param sampleShape the shape of one sample, without the batch: {@code [1, 28, 28]}
 * @param classes     the number of classes; the network's output is [N, classes]
 * @param network     the layers
 */
public record Model(String name, Shape sampleShape, int classes, Layer network) {
    /** The shape of a batch of samples. */
    public Shape batchShape(int batch) {
        int[] extents = new int[sampleShape.rank() + 1];
        extents[0] = batch;
        System.arraycopy(sampleShape.toArray(), 0, extents, 1, sampleShape.rank());
        return Shape.of(extents);
    }

    /**
     * Emits the network.
     *
     * @return logits, F32 [N, classes]
     */
    public Value build(LayerContext context, Value input) {
        Value logits = network.build(context, input);
        if (logits.shape().rank() != 2 || logits.shape().extent(1) != classes) {
            throw new QuernException("model " + name + ": output " + logits.shape() + ", expected [N, " + classes + "]");
        }
        return logits;
    }

    /** Builds the model for a batch of 1 and returns what its layers declared: parameters, shapes, counts. */
    public LayerContext inspect() {
        GraphBuilder graph = new GraphBuilder(name);
        LayerContext context = LayerContext.root(graph, false);
        build(context, graph.input("x", DType.F32, batchShape(1)));
        return context;
    }
}
