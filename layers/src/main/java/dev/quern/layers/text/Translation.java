package dev.quern.layers.text;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.layers.data.Feed;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Loss;
import dev.quern.layers.train.Batch;
import dev.quern.layers.train.Meter;
import dev.quern.layers.train.Objective;
import dev.quern.layers.train.Task;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Turning texts into others. In training the decoder reads the right target one step late (teacher forcing), with cross-entropy as the loss;
 * in evaluation it reads what it said itself, and what counts is whether the whole of it is right.
 *
 * @param name           the model's name
 * @param format         what texts are as numbers
 * @param labelSmoothing the share of each target spread over all tokens in training, in [0, 1)
 * @param network        the network
 * @param metadata       what a checkpoint has to carry besides tensors
 */
public record Translation(String name, PairFormat format, double labelSmoothing, EncoderDecoder network, Map<String, String> metadata)
        implements Task {
    /** The evaluation output, I32 [batch, steps]: the likeliest token at each step after those before it. */
    public static final String SAID = "said";

    public Translation {
        metadata = Map.copyOf(metadata);
    }

    /** Without metadata. */
    public Translation(String name, PairFormat format, double labelSmoothing, EncoderDecoder network) {
        this(name, format, labelSmoothing, network, Map.of());
    }

    @Override
    public List<Feed> feeds() {
        return format.feeds();
    }

    @Override
    public List<Objective> objectives(LayerContext context, Batch batch) {
        EncoderDecoder.Memory memory = network.encode(context, batch.value(PairFormat.SOURCE), batch.value(PairFormat.LENGTHS));
        Value logits = network.decode(context, memory, batch.value(PairFormat.READ)).logits();
        GraphBuilder graph = context.graph();
        return List.of(Objective.of(Loss.crossEntropy(labelSmoothing).build(graph, graph.reshape(logits, -1, format.targetTokens()),
                graph.reshape(batch.value(PairFormat.TARGET), -1))));
    }

    @Override
    public SortedMap<String, Value> outputs(LayerContext context, Batch batch) {
        EncoderDecoder.Memory memory = network.encode(context, batch.value(PairFormat.SOURCE), batch.value(PairFormat.LENGTHS));
        return new TreeMap<>(Map.of(SAID, greedy(context, memory, batch.size())));
    }

    /**
     * Greedy decoding in the graph. The decoder reads whole sequences of what it said so far; since a token depends on those before it alone,
     * each round makes one more token final, whatever stood behind it, and all rounds are the same kernels.
     */
    private Value greedy(LayerContext context, EncoderDecoder.Memory memory, int samples) {
        GraphBuilder graph = context.graph();
        int steps = format.steps();
        Value begin = graph.cast(graph.constant(PairFormat.BEGIN, Shape.of(samples, 1)), DType.I32);
        Value read = graph.cast(graph.constant(PairFormat.BEGIN, Shape.of(samples, steps)), DType.I32);
        Value said = read;
        for (int round = 0; round < steps; round++) {
            said = graph.argmax(network.decode(round == 0 ? context : context.again(), memory, read).logits(), 2, false);
            read = graph.concat(1, begin, graph.slice(said, 1, 0, steps - 1));
        }
        return said;
    }

    @Override
    public Meter meter() {
        return new ExactMatchMeter();
    }
}
