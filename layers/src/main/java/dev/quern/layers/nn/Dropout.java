package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import java.util.Optional;

/**
 * In training, each element is 0 with probability p and else divided by 1 - p; in evaluation nothing changes. PyTorch's
 * {@code Dropout}. Srivastava et al., 2014.
 *
 * @param p      the probability, from 0 to 1
 * @param madeAt the user's line
 */
public record Dropout(double p, SourceLine madeAt) implements Layer {
    public Dropout {
        if (!(p >= 0 && p <= 1)) {
            throw new QuernException("Dropout(" + p + "): a probability is from 0 to 1");
        }
    }

    /** With this probability of 0. */
    public static Dropout of(double p) {
        return new Dropout(p, SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        return context.training() ? context.graph().dropout(input, p) : input;
    }

    @Override
    public String toString() {
        return "Dropout(" + p + ")";
    }
}
