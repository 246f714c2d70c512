package dev.quern.graph.op;

import java.util.Optional;

/**
 * What a recurrent layer or network gives.
 *
 * @param y  [T, N, directions * H], the last layer's hidden state after each step
 * @param hn the hidden states after the last step: [N, H] of one layer and direction, [layers * directions, N, H] of a network
 * @param cn the same of an LSTM's cells; empty for others
 */
public record RecurrentOutput(Value y, Value hn, Optional<Value> cn) {
}
