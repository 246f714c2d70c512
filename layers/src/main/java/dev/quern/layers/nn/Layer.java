package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import java.util.Optional;

/**
 * A piece of a model: it emits nodes for its output and declares the parameters it needs. A layer holds no tensors and
 * can be built into any number of graphs.
 */
public interface Layer {
    /**
     * Emits the layer.
     *
     * @param context where to emit, and under which path parameters are declared
     * @param input   what the layer below gives
     * @return the layer's output
     */
    Value build(LayerContext context, Value input);

    /**
     * The user's line that made the layer, if it is known: errors and explanations name it. Layers are made by static
     * methods because the compiler records the line of a method call, but not always that of a {@code new}.
     */
    default Optional<SourceLine> line() {
        return Optional.empty();
    }
}
