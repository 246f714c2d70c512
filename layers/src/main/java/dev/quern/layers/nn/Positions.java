package dev.quern.layers.nn;

import dev.quern.graph.op.Value;

/** What the layers of transformers do to each position of a sequence [N, L, features] by itself. */
final class Positions {
    private Positions() {
    }

    /** A layer of rows [N, features] on each position. */
    static Value each(LayerContext context, String name, Layer layer, Value x) {
        return context.build(name, EachPosition.of(layer), x);
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
