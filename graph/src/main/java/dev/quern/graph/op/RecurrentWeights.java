package dev.quern.graph.op;

import java.util.Optional;

/**
 * The weights of one layer and direction of a recurrent network, as PyTorch stores them: G gates (LSTM: i, f, g, o; GRU:
 * r, z, n) one below the other.
 *
 * @param weightIh [G H, features]
 * @param weightHh [G H, H]
 * @param bias     both biases, or none
 */
public record RecurrentWeights(Value weightIh, Value weightHh, Optional<Biases> bias) {
    /**
     * The biases.
     *
     * @param ih [G H], of the input's share of the sums
     * @param hh [G H], of the hidden state's share; apart because a GRU's reset gate scales it
     */
    public record Biases(Value ih, Value hh) {
    }

    /** Weights without bias. */
    public static RecurrentWeights of(Value weightIh, Value weightHh) {
        return new RecurrentWeights(weightIh, weightHh, Optional.empty());
    }

    /** Weights with biases. */
    public static RecurrentWeights of(Value weightIh, Value weightHh, Value biasIh, Value biasHh) {
        return new RecurrentWeights(weightIh, weightHh, Optional.of(new Biases(biasIh, biasHh)));
    }
}
