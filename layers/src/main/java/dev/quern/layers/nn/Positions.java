package dev.quern.layers.nn;

import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.Shape;

/** What the layers of transformers do to each position of a sequence [N, L, features] by itself. */
final class Positions {
    private Positions() {
    }

    /** A layer of rows [N, features] on each position. */
    static Value each(LayerContext context, String name, Layer layer, Value x) {
        Shape shape = x.shape();
        Value rows = context.build(name, layer, context.graph().reshape(x, -1, shape.extent(2)));
        return context.graph().reshape(rows, shape.extent(0), shape.extent(1), rows.shape().extent(1));
    }

    /** Layer norm of each position; parameters {@code weight} and {@code bias} [features]. */
    record Norm(double eps) implements Layer {
        @Override
        public Value build(LayerContext context, Value input) {
            int features = input.shape().extent(-1);
            Fans fans = new Fans(features, features);
            Value weight = context.parameter("weight", Shape.of(features), fans, Initializer.constant(1));
            Value bias = context.parameter("bias", Shape.of(features), fans, Initializer.zeros());
            return context.graph().layerNorm(input, weight, bias, eps);
        }

        @Override
        public String toString() {
            return "LayerNorm(eps " + eps + ")";
        }
    }

    /** Attention as a layer of its queries, with what else it reads. */
    record Attending(MultiheadAttention attention, Value memory) implements Layer {
        @Override
        public Value build(LayerContext context, Value input) {
            return attention.attend(context, input, memory, attention.mask());
        }

        @Override
        public String toString() {
            return attention.toString();
        }
    }
}
