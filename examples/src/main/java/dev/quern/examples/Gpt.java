package dev.quern.examples;

import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Initializer;
import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.EachPosition;
import dev.quern.layers.nn.Embedding;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.LayerNorm;
import dev.quern.layers.nn.PositionalEncoding;
import dev.quern.layers.nn.TransformerEncoderLayer;
import dev.quern.layers.nn.TransformerSettings;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.text.CharacterNetwork;
import dev.quern.layers.train.TrainOptions;

/**
 * A decoder of a transformer as a language model of characters: causal attention, blocks that normalise what they read, learned positions.
 * Radford, Wu, Child, Luan, Amodei, Sutskever, "Language models are unsupervised multitask learners", 2019, in small.
 */
public final class Gpt implements TextModel {
    private static final int FEATURES = 128;
    private static final int HEADS = 4;
    private static final int LAYERS = 4;
    private static final int LENGTH = 64;
    /** Of initial weights of embeddings, as in the paper's code. */
    private static final double DEVIATION = 0.02;

    @Override
    public String name() {
        return "gpt";
    }

    @Override
    public String description() {
        return "each next character of a text with a transformer's decoder (Radford et al., 2019)";
    }

    @Override
    public int length() {
        return LENGTH;
    }

    @Override
    public CharacterNetwork network(int vocabulary) {
        return (context, tokens) -> build(context, tokens, vocabulary);
    }

    private static Value build(LayerContext context, Value tokens, int vocabulary) {
        TransformerSettings settings = TransformerSettings.of(FEATURES, HEADS).withFeedforward(4 * FEATURES).withDropout(0)
                .withActivation(Activation.gelu()).withNormFirst();
        Value x = context.build("embedding", Embedding.of(vocabulary, FEATURES).init(Initializer.normal(DEVIATION)), tokens);
        x = context.build("positions", PositionalEncoding.learned(LENGTH, FEATURES, Initializer.normal(DEVIATION)), x);
        for (int layer = 0; layer < LAYERS; layer++) {
            x = context.build("layer" + layer, TransformerEncoderLayer.of(settings).masked(AttentionMask.causalOnly()), x);
        }
        x = context.build("norm", LayerNorm.of(FEATURES), x);
        return context.build("output", EachPosition.of(Dense.of(FEATURES, vocabulary).withoutBias()), x);
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(5).batch(32).learningRate(0.002).schedule(Schedule.cosine(0.02).warmedUp(0.3))
                .optimizer(new Adam(0.9, 0.99, 1e-8, 0.01, true));
    }
}
