package dev.quern.examples;

import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Value;
import dev.quern.layers.init.Initializer;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.EachPosition;
import dev.quern.layers.nn.Embedding;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.PositionalEncoding;
import dev.quern.layers.nn.TransformerDecoderLayer;
import dev.quern.layers.nn.TransformerEncoderLayer;
import dev.quern.layers.nn.TransformerSettings;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.text.EncoderDecoder;
import dev.quern.layers.text.PairFormat;
import dev.quern.layers.train.TrainOptions;
import java.util.List;
import java.util.Optional;

/**
 * An encoder and a decoder of attention layers, in small: 64 features, 4 heads, 2 layers each. Vaswani et al., "Attention is all you need",
 * 2017, with sinusoidal positions, label smoothing and a warm-up as there.
 */
public final class Transformer implements DatesModel {
    private static final int FEATURES = 64;
    private static final int HEADS = 4;
    private static final int LAYERS = 2;

    @Override
    public String name() {
        return "transformer";
    }

    @Override
    public String description() {
        return "written dates to ISO 8601 with attention alone (Vaswani et al., 2017)";
    }

    @Override
    public double labelSmoothing() {
        return 0.1;
    }

    @Override
    public EncoderDecoder network() {
        return new Network(WrittenDates.FORMAT, TransformerSettings.of(FEATURES, HEADS).withFeedforward(4 * FEATURES).withDropout(0));
    }

    /** The layers. */
    private record Network(PairFormat format, TransformerSettings settings) implements EncoderDecoder {
        @Override
        public Memory encode(LayerContext context, Value source, Value lengths) {
            Value x = embed(context, "encoder", format.sourceTokens(), format.sourceLength(), source);
            for (int layer = 0; layer < LAYERS; layer++) {
                x = context.build("encoder" + layer,
                        TransformerEncoderLayer.of(settings).masked(AttentionMask.none().withKeyLengths(lengths)), x);
            }
            return new Memory(x, lengths, List.of());
        }

        @Override
        public Said decode(LayerContext context, Memory memory, Value read) {
            Value x = embed(context, "decoder", format.targetTokens(), format.steps(), read);
            for (int layer = 0; layer < LAYERS; layer++) {
                x = context.build("decoder" + layer, TransformerDecoderLayer.of(settings, memory.states())
                        .masked(AttentionMask.causalOnly(), AttentionMask.none().withKeyLengths(memory.lengths())), x);
            }
            return new Said(context.build("output", EachPosition.of(Dense.of(FEATURES, format.targetTokens())), x), Optional.empty());
        }

        /** Embeddings of deviation 1, as sums with waves of height 1 need them, and positions. */
        private static Value embed(LayerContext context, String part, int tokens, int length, Value read) {
            Value x = context.build(part + "_embedding", Embedding.of(tokens, FEATURES).init(Initializer.normal(1)), read);
            return context.build(part + "_positions", PositionalEncoding.sinusoidal(length, FEATURES), x);
        }
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(3).batch(64).learningRate(0.002).schedule(Schedule.cosine(0.02).warmedUp(1))
                .optimizer(new Adam(0.9, 0.98, 1e-9, 0, false));
    }
}
