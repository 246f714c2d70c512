package dev.quern.layers.nn;

import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import java.util.function.UnaryOperator;

/**
 * What encoder and decoder layers of a transformer have in common, under PyTorch's names. Vaswani et al., "Attention is all you
 * need", 2017.
 *
 * @param dModel         features of a position
 * @param heads          heads of attention, a divisor of {@code dModel}
 * @param dimFeedforward features between the two dense layers
 * @param dropout        the probability with which an element of a block's result is dropped in training, and one between the
 *                       dense layers; probabilities of attention are not dropped
 * @param activation     the function between the dense layers
 * @param normFirst      whether each block normalises what it reads rather than its sum with that
 * @param layerNormEps   what is added to variances
 */
public record TransformerSettings(int dModel, int heads, int dimFeedforward, double dropout, Activation activation,
        boolean normFirst, double layerNormEps) {
    public TransformerSettings {
        if (dModel < 1 || heads < 1 || dimFeedforward < 1 || dModel % heads != 0) {
            throw new QuernException("a transformer layer of dModel " + dModel + ", heads " + heads + ", dimFeedforward "
                    + dimFeedforward + ": dModel must be a multiple of heads, all at least 1");
        }
        if (!(dropout >= 0 && dropout <= 1)) {
            throw new QuernException("a transformer layer with dropout " + dropout + ": a probability is from 0 to 1");
        }
    }

    /** PyTorch's defaults: 2048 between the dense layers, dropout 0.1, ReLU, normalised sums. */
    public static TransformerSettings of(int dModel, int heads) {
        return new TransformerSettings(dModel, heads, 2048, 0.1, Activation.relu(), false, 1e-5);
    }

    /** This with so many features between the dense layers. */
    public TransformerSettings withFeedforward(int features) {
        return new TransformerSettings(dModel, heads, features, dropout, activation, normFirst, layerNormEps);
    }

    /** This with another probability of dropout. */
    public TransformerSettings withDropout(double probability) {
        return new TransformerSettings(dModel, heads, dimFeedforward, probability, activation, normFirst, layerNormEps);
    }

    /** This with another function between the dense layers. */
    public TransformerSettings withActivation(Activation function) {
        return new TransformerSettings(dModel, heads, dimFeedforward, dropout, function, normFirst, layerNormEps);
    }

    /** This with blocks that normalise what they read. */
    public TransformerSettings withNormFirst() {
        return new TransformerSettings(dModel, heads, dimFeedforward, dropout, activation, true, layerNormEps);
    }

    /** A block with its residual: x + block(norm(x)), or norm(x + block(x)). */
    Value residual(LayerContext context, String norm, Value x, UnaryOperator<Value> block) {
        Layer normalise = LayerNorm.of(dModel).eps(layerNormEps);
        Value read = normFirst ? context.build(norm, normalise, x) : x;
        Value sum = context.graph().add(x, dropped(context, block.apply(read)));
        return normFirst ? sum : context.build(norm, normalise, sum);
    }

    /** The two dense layers {@code linear1} and {@code linear2}. */
    Value feedforward(LayerContext context, Value x) {
        Value inner = Positions.each(context, "linear1", Dense.of(dModel, dimFeedforward), x);
        Value active = context.graph().apply(activation.label(), activation.expression(), inner);
        return Positions.each(context, "linear2", Dense.of(dimFeedforward, dModel), dropped(context, active));
    }

    private Value dropped(LayerContext context, Value x) {
        return context.training() && dropout > 0 ? context.graph().dropout(x, dropout) : x;
    }

    @Override
    public String toString() {
        return dModel + ", " + heads + " heads, " + dimFeedforward + ", " + activation + ", dropout " + dropout
                + (normFirst ? ", norm first" : "");
    }
}
