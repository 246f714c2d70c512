package dev.quern.layers.text;

import dev.quern.graph.op.Value;
import dev.quern.layers.nn.LayerContext;

/** A network that reads characters and says after each how likely every next one is. */
@FunctionalInterface
public interface CharacterNetwork {
    /**
     * Emits the network. What is said after a character depends on it and those before it alone.
     *
     * @param context where layers are built
     * @param tokens  I32 [N, T]
     * @return logits, F32 [N, T, vocabulary]
     */
    Value build(LayerContext context, Value tokens);
}
