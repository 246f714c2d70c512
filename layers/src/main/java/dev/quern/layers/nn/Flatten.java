package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import java.util.Optional;

/**
 * All axes but the batch as one: x [N, ...] becomes [N, features]; PyTorch's {@code Flatten}.
 *
 * @param madeAt the user's line
 */
public record Flatten(SourceLine madeAt) implements Layer {
    /** The layer. */
    public static Flatten of() {
        return new Flatten(SourceLine.ofCaller());
    }
    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        if (input.shape().rank() < 2) {
            throw context.complaint(this, "input " + input.shape() + ", expected [N, ...]");
        }
        return context.graph().flatten(input, 1);
    }

    @Override
    public String toString() {
        return "Flatten";
    }
}
