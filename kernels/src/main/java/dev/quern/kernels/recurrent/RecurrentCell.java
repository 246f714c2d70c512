package dev.quern.kernels.recurrent;

import java.util.Locale;

/**
 * What happens in one step of a recurrent layer, as PyTorch defines it. Below, x is the step's pre-activation, that is the
 * input's share of the sums, u the previous hidden state's share {@code weight_hh * h + bias_hh}, and h' the new state; gates
 * lie in the order in which they are named.
 */
public enum RecurrentCell {
    /**
     * Gates i, f, g, o (Hochreiter and Schmidhuber, 1997; forget gate of Gers et al., 2000): i, f, o = sigmoid(x + u),
     * g = tanh(x + u), c' = f c + i g, h' = o tanh(c').
     */
    LSTM(4, 4),
    /** Gates r, z, n (Cho et al., 2014): r, z = sigmoid(x + u), n = tanh(x + r u), h' = (1 - z) n + z h. */
    GRU(3, 4),
    /** A single gate (Elman, 1990): h' = tanh(x + u). */
    RNN(1, 1);

    private final int gates;
    private final int saved;

    RecurrentCell(int gates, int saved) {
        this.gates = gates;
        this.saved = saved;
    }

    /** How many gates there are: weights and pre-activations have so many times the hidden size as rows. */
    public int gates() {
        return gates;
    }

    /**
     * How many values a unit's step leaves for the backward pass: the gates' values; for a GRU, n's hidden share u behind
     * r, z and n; for the plain network, h'.
     */
    public int saved() {
        return saved;
    }

    /** The name in problem keys and node names: {@code lstm}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
