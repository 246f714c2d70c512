package dev.quern.examples;

import dev.quern.graph.op.RecurrentNetwork;
import dev.quern.graph.op.RecurrentOutput;
import dev.quern.graph.op.Value;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.EachPosition;
import dev.quern.layers.nn.Embedding;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.nn.Recurrent;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.text.CharacterNetwork;
import dev.quern.layers.text.SteppingNetwork;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.function.UnaryOperator;

/**
 * A recurrent language model of characters: an embedding, a gated recurrent layer, and a dense layer that says what comes next. Graves,
 * "Generating sequences with recurrent neural networks", 2013.
 */
public final class CharLm implements TextModel {
    private static final int EMBEDDING = 64;
    private static final int HIDDEN = 256;
    private static final int LENGTH = 64;

    private final String name;
    private final String cells;
    private final Recurrent layer;

    private CharLm(String name, String cells, Recurrent layer) {
        this.name = name;
        this.cells = cells;
        this.layer = layer;
    }

    /** With long short-term memory. */
    public static CharLm lstm() {
        return new CharLm("char-lm", "long short-term memory", Recurrent.lstm(EMBEDDING, HIDDEN));
    }

    /** With gated recurrent units. */
    public static CharLm gru() {
        return new CharLm("char-lm-gru", "gated recurrent units", Recurrent.gru(EMBEDDING, HIDDEN));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "each next character of a text with " + cells + " (Graves, 2013)";
    }

    @Override
    public int length() {
        return LENGTH;
    }

    @Override
    public CharacterNetwork network(int vocabulary) {
        return new Network(Embedding.of(vocabulary, EMBEDDING), layer, Dense.of(HIDDEN, vocabulary));
    }

    /** The layers. Inside, time comes first, as recurrent layers have it. */
    private record Network(Embedding embedding, Recurrent recurrent, Dense output) implements SteppingNetwork {
        @Override
        public Value build(LayerContext context, Value tokens) {
            return read(context, tokens, UnaryOperator.identity()).logits;
        }

        @Override
        public Value step(LayerContext context, Value token) {
            Shape one = Shape.of(1, 1, recurrent.hiddenSize());
            Value h = context.graph().state(MEMORY + "h", DType.F32, one);
            if (recurrent.cell() != RecurrentCell.LSTM) {
                Read read = read(context, token, network -> network.initial(h));
                context.graph().assign(h, read.state.hn());
                return read.logits;
            }
            Value c = context.graph().state(MEMORY + "c", DType.F32, one);
            Read read = read(context, token, network -> network.initial(h, c));
            context.graph().assign(h, read.state.hn());
            context.graph().assign(c, read.state.cn().orElseThrow());
            return read.logits;
        }

        private record Read(Value logits, RecurrentOutput state) {
        }

        private Read read(LayerContext context, Value tokens, UnaryOperator<RecurrentNetwork> given) {
            Value characters = context.build("embedding", embedding, context.graph().transpose(tokens, 1, 0));
            RecurrentOutput states = context.build("recurrent", recurrent, inner -> recurrent.run(inner, characters, given),
                    RecurrentOutput::y);
            Value logits = context.build("output", EachPosition.of(output), states.y());
            return new Read(context.graph().transpose(logits, 1, 0, 2), states);
        }
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(6).batch(32).learningRate(0.004).schedule(Schedule.cosine(0.02).warmedUp(0.2))
                .optimizer(Adam.standard());
    }
}
