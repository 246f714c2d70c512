package dev.quern.layers.text;

import dev.quern.graph.op.Value;
import dev.quern.layers.nn.LayerContext;
import java.util.List;
import java.util.Optional;

/** A network that reads a whole sequence and then says another one, token by token. */
public interface EncoderDecoder {
    /**
     * What a decoder knows of a source.
     *
     * @param states  F32 [N, S, features], one row a token
     * @param lengths I32 [N], how many of them count
     * @param initial what the decoder starts from besides
     */
    record Memory(Value states, Value lengths, List<Value> initial) {
        public Memory {
            initial = List.copyOf(initial);
        }
    }

    /**
     * What a decoder says.
     *
     * @param logits    F32 [N, L, tokens], of the token that follows each that was read
     * @param attention F32 [N, L, S], how much each looks at each token of the source, if the network can show it
     */
    record Said(Value logits, Optional<Value> attention) {
    }

    /**
     * Emits the encoder.
     *
     * @param source  I32 [N, S]
     * @param lengths I32 [N]
     */
    Memory encode(LayerContext context, Value source, Value lengths);

    /**
     * Emits the decoder. What it says after a token depends on that token and those before it alone.
     *
     * @param read I32 [N, L], each sequence after the token that begins it
     */
    Said decode(LayerContext context, Memory memory, Value read);
}
