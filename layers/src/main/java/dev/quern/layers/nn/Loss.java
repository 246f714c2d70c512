package dev.quern.layers.nn;

import dev.quern.graph.op.Emitter;
import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;

/** What training makes small: a scalar from a model's output and the target. */
@FunctionalInterface
public interface Loss {
    /**
     * Emits the loss.
     *
     * @param graph  where nodes go
     * @param output what the model gives
     * @param target what it should have given
     * @return F32, shape []
     */
    Value build(Emitter graph, Value output, Value target);

    /**
     * The mean cross-entropy of softmax(logits), F32 [N, classes], against class labels, I32 [N].
     *
     * @param labelSmoothing the share of each target spread evenly over all classes, in [0, 1); PyTorch's {@code label_smoothing}
     */
    static Loss crossEntropy(double labelSmoothing) {
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new QuernException("label smoothing " + labelSmoothing + " must be in [0, 1)");
        }
        return (graph, logits, labels) -> graph.softmaxCrossEntropy(logits, labels, labelSmoothing);
    }

    /** The mean of the squared differences over all elements; both F32 of one shape. */
    static Loss meanSquaredError() {
        return (graph, output, target) -> {
            if (!output.shape().equals(target.shape())) {
                throw new QuernException("mean squared error: output " + output.shape() + " and target "
                        + target.shape() + " must have one shape");
            }
            return graph.reduceMean(graph.square(graph.sub(output, target)), false);
        };
    }
}
