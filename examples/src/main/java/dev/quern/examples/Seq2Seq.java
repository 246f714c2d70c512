package dev.quern.examples;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.RecurrentOutput;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.expr.Expressions;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.EachPosition;
import dev.quern.layers.nn.Embedding;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Recurrent;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.text.EncoderDecoder;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Optional;

/**
 * An encoder that reads a text in both directions and a decoder that looks at what was read while it writes, both LSTMs. Luong, Pham, Manning,
 * "Effective approaches to attention-based neural machine translation", 2015: global attention, with its general score {@code s W h} or with
 * the additive one, {@code v tanh(W s + U h)}, of Bahdanau, Cho, Bengio, "Neural machine translation by jointly learning to align and
 * translate", 2015.
 */
public final class Seq2Seq implements DatesModel {
    private static final int EMBEDDING = 32;
    /** States of the encoder in each direction. */
    private static final int HALF = 64;
    private static final int HIDDEN = 2 * HALF;
    /** Added to scores of places behind a source's end, before the softmax. */
    private static final double HIDDEN_SCORE = -1e9;
    private static final String ATTENTION = "attention";
    private static final String ADDITIVE = "bahdanau";

    private final Settings settings;

    /** With the general score. */
    public Seq2Seq() {
        this(Settings.of(Setting.choice(ATTENTION, "how a state of the decoder is compared with those of the encoder", "luong",
                List.of("luong", ADDITIVE))));
    }

    private Seq2Seq(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Settings settings() {
        return settings;
    }

    @Override
    public Seq2Seq with(Settings chosen) {
        return new Seq2Seq(chosen);
    }

    @Override
    public String name() {
        return "seq2seq";
    }

    @Override
    public String description() {
        return "written dates to ISO 8601 with two LSTMs and attention (Luong et al., 2015)";
    }

    @Override
    public EncoderDecoder network() {
        return new Network(WrittenDates.FORMAT.sourceTokens(), WrittenDates.FORMAT.targetTokens(), settings.text(ATTENTION).equals(ADDITIVE));
    }

    /** The layers. Inside recurrent layers time comes first. */
    private record Network(int sourceTokens, int targetTokens, boolean additive) implements EncoderDecoder {
        @Override
        public Memory encode(LayerContext context, Value source, Value lengths) {
            GraphBuilder graph = context.graph();
            Value x = context.build("encoder_embedding", Embedding.of(sourceTokens, EMBEDDING), graph.transpose(source, 1, 0));
            Recurrent lstm = Recurrent.lstm(EMBEDDING, HALF).inBothDirections();
            RecurrentOutput read = context.build("encoder", lstm, inner -> lstm.run(inner, x, network -> network.lengths(lengths)),
                    RecurrentOutput::y);
            Value h = bridge(context, "bridge_h", read.hn());
            Value c = bridge(context, "bridge_c", read.cn().orElseThrow());
            return new Memory(graph.transpose(read.y(), 1, 0, 2), lengths, List.of(h, c));
        }

        /** The decoder's first state from the last ones of both directions. */
        private static Value bridge(LayerContext context, String name, Value states) {
            GraphBuilder graph = context.graph();
            Value both = graph.concat(1, graph.select(states, 0, 0), graph.select(states, 0, 1));
            return graph.reshape(context.build(name, Dense.of(HIDDEN, HIDDEN), both), 1, -1, HIDDEN);
        }

        @Override
        public Said decode(LayerContext context, Memory memory, Value read) {
            GraphBuilder graph = context.graph();
            Value x = context.build("decoder_embedding", Embedding.of(targetTokens, EMBEDDING), graph.transpose(read, 1, 0));
            Recurrent lstm = Recurrent.lstm(EMBEDDING, HIDDEN);
            RecurrentOutput written = context.build("decoder", lstm, inner -> lstm.run(inner, x,
                    network -> network.initial(memory.initial().get(0), memory.initial().get(1))), RecurrentOutput::y);
            Value states = graph.transpose(written.y(), 1, 0, 2);
            Value scores = additive ? additive(context, states, memory.states()) : general(context, states, memory.states());
            Value weights = graph.softmax(graph.add(scores, mask(graph, memory)), 2);
            Value both = graph.concat(2, graph.matmul(weights, memory.states()), states);
            Value attended = graph.tanh(context.build("attended", EachPosition.of(Dense.of(2 * HIDDEN, HIDDEN)), both));
            return new Said(context.build("output", EachPosition.of(Dense.of(HIDDEN, targetTokens)), attended), Optional.of(weights));
        }

        /** {@code s W h} for each state s of the decoder [N, T, H] and h of the encoder [N, S, H]: [N, T, S]. */
        private static Value general(LayerContext context, Value states, Value read) {
            Value query = context.build("score", each(HIDDEN), states);
            return context.graph().matmul(query, read, false, true);
        }

        /** {@code v tanh(W s + U h)} for the same. */
        private static Value additive(LayerContext context, Value states, Value read) {
            GraphBuilder graph = context.graph();
            int written = states.shape().extent(1);
            int places = read.shape().extent(1);
            Value query = graph.reshape(context.build("query", each(HIDDEN), states), -1, written, 1, HIDDEN);
            Value key = graph.reshape(context.build("key", each(HIDDEN), read), -1, 1, places, HIDDEN);
            Value energy = graph.reshape(graph.tanh(graph.add(query, key)), -1, HIDDEN);
            return graph.reshape(context.build("energy", Dense.of(HIDDEN, 1).withoutBias(), energy), -1, written, places);
        }

        private static EachPosition each(int features) {
            return EachPosition.of(Dense.of(HIDDEN, features).withoutBias());
        }

        /** What hides places behind each source's end, [N, 1, S]. */
        private static Value mask(GraphBuilder graph, Memory memory) {
            int places = memory.states().shape().extent(1);
            Value place = graph.cumsum(graph.constant(1, Shape.of(places)), 0, true, false);
            Expr within = Expressions.less(Expressions.input(0), Expressions.input(1));
            return graph.apply("mask", Expressions.select(within, Expressions.constant(0), Expressions.constant(HIDDEN_SCORE)),
                    graph.reshape(place, 1, 1, places), graph.reshape(memory.lengths(), -1, 1, 1));
        }
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(3).batch(64).learningRate(0.004).schedule(Schedule.cosine(0.02).warmedUp(0.5))
                .optimizer(Adam.standard());
    }
}
