package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Value;
import java.util.Optional;

/**
 * A layer of a transformer's encoder, from [N, L, dModel] to the same shape: attention of the sequence to itself, then two dense
 * layers, each with a residual; PyTorch's {@code TransformerEncoderLayer} with {@code batch_first}. Parameters
 * {@code self_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code norm1.*}, {@code norm2.*}.
 *
 * @param settings sizes and order
 * @param mask     what hides positions; with a causal mask this is a layer of a decoder without memory
 * @param madeAt   the user's line
 */
public record TransformerEncoderLayer(TransformerSettings settings, AttentionMask mask, SourceLine madeAt) implements Layer {
    /** Every position sees every other. */
    public static TransformerEncoderLayer of(TransformerSettings settings) {
        return new TransformerEncoderLayer(settings, AttentionMask.none(), SourceLine.ofCaller());
    }

    /** This with something that hides positions. */
    public TransformerEncoderLayer masked(AttentionMask hides) {
        return new TransformerEncoderLayer(settings, hides, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        MultiheadAttention attention = new MultiheadAttention(settings.dModel(), settings.heads(), mask, madeAt);
        Value attended = settings.residual(context, "norm1", input, x -> context.build("self_attn", attention, x));
        return settings.residual(context, "norm2", attended, x -> settings.feedforward(context, x));
    }

    @Override
    public String toString() {
        return "TransformerEncoderLayer(" + settings + (mask.causal() ? ", causal)" : ")");
    }
}
