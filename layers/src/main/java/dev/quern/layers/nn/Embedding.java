package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A row of numbers for each index: I32 [...] becomes F32 [..., features]; PyTorch's {@code Embedding}. Parameter {@code weight}
 * [count, features]. An index outside of [0, count) gives NaN.
 *
 * @param count      how many rows there are
 * @param features   numbers in a row
 * @param paddingIdx a row that is never trained
 * @param weightInit initial weights
 * @param madeAt     the user's line
 */
public record Embedding(int count, int features, OptionalInt paddingIdx, Initializer weightInit, SourceLine madeAt)
        implements Layer {
    public Embedding {
        if (count < 1 || features < 1 || paddingIdx.isPresent() && (paddingIdx.getAsInt() < 0 || paddingIdx.getAsInt() >= count)) {
            throw new QuernException("Embedding(" + count + ", " + features + ", " + paddingIdx
                    + "): needs at least one row and one feature, and a padding index that is a row");
        }
    }

    /** With normally distributed weights, as PyTorch's. */
    public static Embedding of(int count, int features) {
        return new Embedding(count, features, OptionalInt.empty(), Initializer.normal(1), SourceLine.ofCaller());
    }

    /** This with a row that is never trained. */
    public Embedding paddingIdx(int row) {
        return new Embedding(count, features, OptionalInt.of(row), weightInit, madeAt);
    }

    /** This with other initial values. */
    public Embedding init(Initializer weight) {
        return new Embedding(count, features, paddingIdx, weight, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        if (input.type().dtype() != DType.I32) {
            throw context.complaint(this, "input " + input.type() + ", expected I32 indices");
        }
        Value weight = context.parameter("weight", Shape.of(count, features), new Fans(count, features), weightInit);
        return context.graph().embedding(weight, input, paddingIdx.orElse(-1));
    }

    @Override
    public String toString() {
        return "Embedding(" + count + ", " + features + (paddingIdx.isPresent() ? ", padding " + paddingIdx.getAsInt() : "") + ")";
    }
}
