package dev.quern.kernels.recurrent;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;

/**
 * One layer and direction of a recurrent network over a whole sequence: what its forward and its backward pass share.
 * Sequences are [T, N, ·], time outermost.
 *
 * @param cell    what happens in a step
 * @param steps   T, at least 1
 * @param batch   N, at least 1
 * @param hidden  H, the size of the hidden state, at least 1
 * @param reverse whether time runs from step T - 1 to step 0
 * @param bias    whether there are bias_ih and bias_hh
 * @param initial whether the states before the first step are given; they are zero otherwise
 * @param lengths whether each row has a length of its own: steps from there on leave its state as it is and give zero
 */
public record RecurrentGeometry(RecurrentCell cell, int steps, int batch, int hidden, boolean reverse, boolean bias,
        boolean initial, boolean lengths) {
    public RecurrentGeometry {
        String text = cell.label() + " of " + steps + " steps, batch " + batch + ", hidden size " + hidden;
        if (steps < 1 || batch < 1 || hidden < 1) {
            throw new QuernException(text + ": every extent must be at least 1");
        }
        if ((double) steps * batch * hidden * 4 > Integer.MAX_VALUE || (double) hidden * hidden * 4 > Integer.MAX_VALUE) {
            throw new QuernException(text + ": more than 2^31 - 1 elements; split the batch or the sequence");
        }
    }

    /** Forward in time, with biases and initial states, without lengths. */
    public static RecurrentGeometry of(RecurrentCell cell, int steps, int batch, int hidden) {
        return new RecurrentGeometry(cell, steps, batch, hidden, false, true, true, false);
    }

    /** This with other flags. */
    public RecurrentGeometry with(boolean newReverse, boolean newBias, boolean newInitial, boolean newLengths) {
        return new RecurrentGeometry(cell, steps, batch, hidden, newReverse, newBias, newInitial, newLengths);
    }

    /** The rows of weight_hh: gates times hidden size. */
    public int gateRows() {
        return cell.gates() * hidden;
    }

    /** [N, H]. */
    public Shape state() {
        return Shape.of(batch, hidden);
    }

    /** [T, N, H]. */
    public Shape sequence() {
        return sequence(1);
    }

    /** [T, N, values * H]. */
    public Shape sequence(int values) {
        return Shape.of(steps, batch, values * hidden);
    }

    boolean lstm() {
        return cell == RecurrentCell.LSTM;
    }

    boolean gru() {
        return cell == RecurrentCell.GRU;
    }

    /** The step of the sequence that is the s-th in the order of the recurrence. */
    int time(int s) {
        return reverse ? steps - 1 - s : s;
    }

    /** Floating-point operations of the products with weight_hh; without initial states the first step has none. */
    double flops() {
        return 2.0 * (initial ? steps : steps - 1) * batch * gateRows() * hidden;
    }

    /** Floating-point operations of the product of so many features with weight_ih, or of one of its gradients. */
    double flops(int features) {
        return 2.0 * steps * batch * gateRows() * features;
    }

    /** For example {@code f32 lstm 28x64x128 reverse bias initial lengths}. */
    String key() {
        return "f32 " + cell.label() + " " + steps + "x" + batch + "x" + hidden + (reverse ? " reverse" : "")
                + (bias ? " bias" : "") + (initial ? " initial" : "") + (lengths ? " lengths" : "");
    }
}
