package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Optional;

/**
 * Adds to each position of x [N, L, features] a row of numbers that tells where it is, because attention does not see that. Parameter or
 * buffer {@code weight} [maxLength, features].
 *
 * @param maxLength the longest sequence
 * @param features  numbers of a position
 * @param learned   whether the rows are trained
 * @param init      the rows, or where they begin
 * @param madeAt    the user's line
 */
public record PositionalEncoding(int maxLength, int features, boolean learned, Initializer init, SourceLine madeAt) implements Layer {
    /** Of the paper: wavelengths go from 2 pi to this times 2 pi. */
    private static final double LONGEST = 10_000;

    public PositionalEncoding {
        if (maxLength < 1 || features < 1) {
            throw new QuernException("PositionalEncoding(" + maxLength + ", " + features + "): both must be at least 1");
        }
    }

    /** Trained rows. */
    public static PositionalEncoding learned(int maxLength, int features, Initializer init) {
        return new PositionalEncoding(maxLength, features, true, init, SourceLine.ofCaller());
    }

    /**
     * Fixed waves: sines at even features and cosines at odd ones, of wavelengths that rise geometrically. Vaswani et al., "Attention is all
     * you need", 2017, section 3.5.
     */
    public static PositionalEncoding sinusoidal(int maxLength, int features) {
        return new PositionalEncoding(maxLength, features, false, (tensor, _, _) -> {
            for (int place = 0; place < maxLength; place++) {
                for (int feature = 0; feature < features; feature++) {
                    double angle = place / StrictMath.pow(LONGEST, (feature - feature % 2) / (double) features);
                    tensor.set((long) place * features + feature, feature % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle));
                }
            }
        }, SourceLine.ofCaller());
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        Shape shape = input.shape();
        if (shape.rank() != 3 || shape.extent(2) != features) {
            throw context.complaint(this, "input " + shape + ", expected [N, L, " + features + "]");
        }
        int length = shape.extent(1);
        if (length > maxLength) {
            throw context.complaint(this, "a sequence of " + length + " positions is longer than the " + maxLength
                    + " that the model has; shorten it or make the model for longer ones");
        }
        Shape rows = Shape.of(maxLength, features);
        Value weight = learned ? context.parameter("weight", rows, new Fans(maxLength, features), init) : context.buffer("weight", rows, init);
        return context.graph().add(input, length == maxLength ? weight : context.graph().slice(weight, 0, 0, length));
    }

    @Override
    public String toString() {
        return "PositionalEncoding(" + maxLength + ", " + features + (learned ? ", learned)" : ", sinusoidal)");
    }
}
