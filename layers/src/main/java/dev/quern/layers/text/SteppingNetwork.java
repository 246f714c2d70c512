package dev.quern.layers.text;

import dev.quern.graph.op.Value;
import dev.quern.layers.nn.LayerContext;

/** A network that can read on where it stopped, because what it remembers of a text has one size. */
public interface SteppingNetwork extends CharacterNetwork {
    /** The beginning of the paths of what is remembered in the graph's state, zero at first. */
    String MEMORY = "memory/";

    /**
     * Emits one step, which reads its memory from the graph's state and assigns it what it will remember.
     *
     * @param token I32 [1, 1]
     * @return logits, F32 [1, 1, vocabulary]
     */
    Value step(LayerContext context, Value token);
}
