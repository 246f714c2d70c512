package dev.quern.examples;

import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Recurrent;
import dev.quern.layers.nn.Reshape;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/** Reads a digit row by row, from top to bottom, with a recurrent layer; its last state says which digit it was. */
public final class RowSequence implements DigitsModel {
    private static final int HIDDEN = 128;

    private final String name;
    private final String cells;
    private final Recurrent layer;
    private final int features;

    private RowSequence(String name, String cells, Recurrent layer) {
        this.name = name;
        this.cells = cells;
        this.layer = layer.withBatchFirst().onlyLastState();
        this.features = layer.bidirectional() ? 2 * HIDDEN : HIDDEN;
    }

    /** With plain tanh cells (Elman, 1990). */
    public static RowSequence rnn() {
        return new RowSequence("rnn", "tanh cells (Elman, 1990)", Recurrent.rnn(28, HIDDEN));
    }

    /** With gated recurrent units (Cho et al., 2014). */
    public static RowSequence gru() {
        return new RowSequence("gru", "gated recurrent units (Cho et al., 2014)", Recurrent.gru(28, HIDDEN));
    }

    /** With long short-term memory (Hochreiter and Schmidhuber, 1997). */
    public static RowSequence lstm() {
        return new RowSequence("lstm", "long short-term memory (Hochreiter, Schmidhuber, 1997)", Recurrent.lstm(28, HIDDEN));
    }

    /** With two of them, one from the top and one from the bottom (Graves, Schmidhuber, 2005). */
    public static RowSequence bilstm() {
        return new RowSequence("bilstm", "long short-term memory in both directions (Graves, Schmidhuber, 2005)",
                Recurrent.lstm(28, HIDDEN).inBothDirections());
    }

    @Override
    public Model model() {
        return new Model(name, Shape.of(1, 28, 28), 10, Sequential.of(
                Reshape.of(28, 28), layer, Dense.of(features, 10)));
    }

    @Override
    public String description() {
        return "digits read row by row with " + cells;
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(15).batch(64).learningRate(0.002).schedule(Schedule.cosine(0).warmedUp(1))
                .optimizer(Adam.standard());
    }
}
