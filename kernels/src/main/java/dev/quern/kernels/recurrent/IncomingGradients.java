package dev.quern.kernels.recurrent;

import dev.quern.runtime.QuernException;

/**
 * Which results of a recurrent layer have a gradient. What has none is no operand, so that nobody has to write its zeros: a model that reads the
 * last step's state alone gives no gradient of the others.
 *
 * @param sequence whether y, all steps' hidden states, has: {@code dy}
 * @param state    whether the hidden state after the last step has: {@code dhn}
 * @param cell     whether the cell state after the last step has: {@code dcn}; of an LSTM only
 */
public record IncomingGradients(boolean sequence, boolean state, boolean cell) {
    public IncomingGradients {
        if (!sequence && !state && !cell) {
            throw new QuernException("a recurrent layer none of whose results has a gradient: there is nothing to compute");
        }
    }

    /** The gradient of the sequence, and those of all states after the last step or of none. */
    static IncomingGradients sequence(RecurrentCell cell, boolean finals) {
        return new IncomingGradients(true, finals, finals && cell == RecurrentCell.LSTM);
    }

    /** How many operands they are. */
    public int count() {
        return (sequence ? 1 : 0) + (state ? 1 : 0) + (cell ? 1 : 0);
    }

    /** For example {@code " finals"}, or {@code " from hn"}; nothing where the sequence alone has a gradient. */
    String text(RecurrentCell of) {
        if (sequence && !state && !cell) {
            return "";
        }
        return equals(sequence(of, true)) ? " finals" : " from" + (sequence ? " y" : "") + (state ? " hn" : "") + (cell ? " cn" : "");
    }
}
