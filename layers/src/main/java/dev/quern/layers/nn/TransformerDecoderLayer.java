package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.AttentionMask;
import dev.quern.graph.op.Value;
import java.util.Optional;

/**
 * A layer of a transformer's decoder, from [N, L, dModel] to the same shape: attention of the sequence to itself, then to a
 * memory, then two dense layers, each with a residual; PyTorch's {@code TransformerDecoderLayer} with {@code batch_first}.
 * Parameters {@code self_attn.*}, {@code multihead_attn.*}, {@code linear1.*}, {@code linear2.*}, {@code norm1.*} to
 * {@code norm3.*}.
 *
 * @param settings   sizes and order
 * @param memory     what the second attention reads, [N, M, dModel]: a value of the graph that the layer is built into
 * @param mask       what hides positions of the sequence; usually causal
 * @param memoryMask what hides positions of the memory
 * @param madeAt     the user's line
 */
public record TransformerDecoderLayer(TransformerSettings settings, Value memory, AttentionMask mask, AttentionMask memoryMask,
        SourceLine madeAt) implements Layer {
    /** A position sees those before it, and all of the memory. */
    public static TransformerDecoderLayer of(TransformerSettings settings, Value memory) {
        return new TransformerDecoderLayer(settings, memory, AttentionMask.causalOnly(), AttentionMask.none(),
                SourceLine.ofCaller());
    }

    /** This with other things that hide positions of the sequence and of the memory. */
    public TransformerDecoderLayer masked(AttentionMask hides, AttentionMask hidesMemory) {
        return new TransformerDecoderLayer(settings, memory, hides, hidesMemory, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        MultiheadAttention itself = new MultiheadAttention(settings.dModel(), settings.heads(), mask, madeAt);
        MultiheadAttention across = new MultiheadAttention(settings.dModel(), settings.heads(), memoryMask, madeAt);
        Value attended = settings.residual(context, "norm1", input, x -> context.build("self_attn", itself, x));
        Value informed = settings.residual(context, "norm2", attended,
                x -> context.build("multihead_attn", new Positions.Attending(across, memory), x));
        return settings.residual(context, "norm3", informed, x -> settings.feedforward(context, x));
    }

    @Override
    public String toString() {
        return "TransformerDecoderLayer(" + settings + (mask.causal() ? ", causal)" : ")");
    }
}
