package dev.quern.layers.nn;

import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.RecurrentNetwork;
import dev.quern.graph.op.RecurrentOutput;
import dev.quern.graph.op.RecurrentWeights;
import dev.quern.graph.op.Value;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Recurrent layers on top of each other; PyTorch's {@code LSTM}, {@code GRU} and {@code RNN} (tanh) with zero initial states.
 * Parameters {@code weight_ih_l0} [gates * hidden, inputs], {@code weight_hh_l0} [gates * hidden, hidden], {@code bias_ih_l0} and
 * {@code bias_hh_l0}; further layers end in {@code _l1} and so on, reverse directions in {@code _reverse}.
 *
 * @param cell          what happens in a step
 * @param inputSize     features of the input
 * @param hiddenSize    size of the hidden state
 * @param numLayers     how many layers
 * @param bias          whether there are biases
 * @param bidirectional whether each layer runs both ways
 * @param batchFirst    whether sequences are [N, T, features] instead of [T, N, features]
 * @param lastState     whether the output is the last layer's hidden state after the last step, [N, hidden], instead of the
 *                      sequence of all; of both directions side by side
 * @param init          initial values of all parameters
 * @param madeAt        the user's line
 */
public record Recurrent(RecurrentCell cell, int inputSize, int hiddenSize, int numLayers, boolean bias,
        boolean bidirectional, boolean batchFirst, boolean lastState, Initializer init, SourceLine madeAt) implements Layer {
    public Recurrent {
        if (inputSize < 1 || hiddenSize < 1 || numLayers < 1) {
            throw new QuernException(cell + "(" + inputSize + ", " + hiddenSize + "), " + numLayers
                    + " layers: each number must be at least 1");
        }
    }

    /** An LSTM of one layer with biases, one direction, sequences [T, N, inputs], and PyTorch's initial values. */
    public static Recurrent lstm(int inputSize, int hiddenSize) {
        return of(RecurrentCell.LSTM, inputSize, hiddenSize, SourceLine.ofCaller());
    }

    /** The same with a GRU's cells. */
    public static Recurrent gru(int inputSize, int hiddenSize) {
        return of(RecurrentCell.GRU, inputSize, hiddenSize, SourceLine.ofCaller());
    }

    /** The same with a plain tanh network's cells. */
    public static Recurrent rnn(int inputSize, int hiddenSize) {
        return of(RecurrentCell.RNN, inputSize, hiddenSize, SourceLine.ofCaller());
    }

    private static Recurrent of(RecurrentCell cell, int inputSize, int hiddenSize, SourceLine madeAt) {
        return new Recurrent(cell, inputSize, hiddenSize, 1, true, false, false, false,
                Initializer.inverseSquareRootOfFanIn(), madeAt);
    }

    /** This with another number of layers. */
    public Recurrent layers(int count) {
        return new Recurrent(cell, inputSize, hiddenSize, count, bias, bidirectional, batchFirst, lastState, init, madeAt);
    }

    /** This without biases. */
    public Recurrent withoutBias() {
        return new Recurrent(cell, inputSize, hiddenSize, numLayers, false, bidirectional, batchFirst, lastState, init, madeAt);
    }

    /** This in both directions. */
    public Recurrent inBothDirections() {
        return new Recurrent(cell, inputSize, hiddenSize, numLayers, bias, true, batchFirst, lastState, init, madeAt);
    }

    /** This for sequences [N, T, inputs]. */
    public Recurrent withBatchFirst() {
        return new Recurrent(cell, inputSize, hiddenSize, numLayers, bias, bidirectional, true, lastState, init, madeAt);
    }

    /** This with the hidden state after the last step as output. */
    public Recurrent onlyLastState() {
        return new Recurrent(cell, inputSize, hiddenSize, numLayers, bias, bidirectional, batchFirst, true, init, madeAt);
    }

    @Override
    public Optional<SourceLine> line() {
        return Optional.of(madeAt);
    }

    @Override
    public Value build(LayerContext context, Value input) {
        requireFeatures(context, input, batchFirst ? "N, T" : "T, N");
        Value x = batchFirst ? context.graph().transpose(input, 1, 0, 2) : input;
        RecurrentOutput output = run(context, x, UnaryOperator.identity());
        if (lastState) {
            int states = numLayers * (bidirectional ? 2 : 1);
            Value last = context.graph().select(output.hn(), 0, states - 1);
            return bidirectional ? context.graph().concat(1, context.graph().select(output.hn(), 0, states - 2), last) : last;
        }
        return batchFirst ? context.graph().transpose(output.y(), 1, 0, 2) : output.y();
    }

    /**
     * The layers with all that they give.
     *
     * @param context where to emit
     * @param x       [T, N, features], whatever {@link #batchFirst} is
     * @param given   adds initial states or lengths to the network
     */
    public RecurrentOutput run(LayerContext context, Value x, UnaryOperator<RecurrentNetwork> given) {
        requireFeatures(context, x, "T, N");
        int directions = bidirectional ? 2 : 1;
        List<RecurrentWeights> weights = new ArrayList<>();
        for (int layer = 0; layer < numLayers; layer++) {
            int features = layer == 0 ? inputSize : directions * hiddenSize;
            for (int direction = 0; direction < directions; direction++) {
                weights.add(weights(context, features, "_l" + layer + (direction == 1 ? "_reverse" : "")));
            }
        }
        return context.graph().recurrent(given.apply(RecurrentNetwork.of(cell, weights).bidirectional(bidirectional)), x);
    }

    private void requireFeatures(LayerContext context, Value x, String axes) {
        if (x.shape().rank() != 3 || x.shape().extent(2) != inputSize) {
            throw context.complaint(this, "input " + x.shape() + ", expected [" + axes + ", " + inputSize + "]");
        }
    }

    private RecurrentWeights weights(LayerContext context, int features, String suffix) {
        // All parameters start within 1 / sqrt(hidden size), whatever they are multiplied by.
        Fans fans = new Fans(hiddenSize, hiddenSize);
        int rows = cell.gates() * hiddenSize;
        Value weightIh = context.parameter("weight_ih" + suffix, Shape.of(rows, features), fans, init);
        Value weightHh = context.parameter("weight_hh" + suffix, Shape.of(rows, hiddenSize), fans, init);
        if (!bias) {
            return RecurrentWeights.of(weightIh, weightHh);
        }
        return RecurrentWeights.of(weightIh, weightHh, context.parameter("bias_ih" + suffix, Shape.of(rows), fans, init),
                context.parameter("bias_hh" + suffix, Shape.of(rows), fans, init));
    }

    @Override
    public String toString() {
        return cell + "(" + inputSize + ", " + hiddenSize + (numLayers > 1 ? ", layers=" + numLayers : "")
                + (bidirectional ? ", bidirectional" : "") + (bias ? "" : ", no bias") + (batchFirst ? ", batch first" : "")
                + (lastState ? ", last state)" : ")");
    }
}
