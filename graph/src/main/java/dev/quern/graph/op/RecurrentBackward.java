package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.kernels.recurrent.RecurrentBackwardProblem;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.recurrent.RecurrentGeometry;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradients of {@link Recurrent} but that of weight_hh, which is a matrix product of what this gives. Operands: dy
 * [T, N, H]; with finals dhn [N, H] and, for an LSTM, dcn; weight_hh; the forward pass's gates; its previous_h (GRU) or
 * previous_c (LSTM); with lengths I32 [N]. Results: dpre [T, N, G H]; for a GRU dhidden; with bias dbias_ih [G H] and, for a GRU,
 * dbias_hh; with initial states dh0 [N, H] and, for an LSTM, dc0.
 *
 * @param cell    what happens in a step
 * @param reverse whether time ran from the last step to the first
 * @param bias    whether the biases' gradients are wanted
 * @param initial whether the initial states' gradients are wanted
 * @param lengths whether each row has a length of its own
 * @param finals  whether gradients flow into the states after the last step
 */
public record RecurrentBackward(RecurrentCell cell, boolean reverse, boolean bias, boolean initial, boolean lengths,
        boolean finals) implements Op {
    @Override
    public String label() {
        return cell.label() + "_backward";
    }

    @Override
    public String attributes() {
        return reverse ? "reverse" : "";
    }

    /** The kernel family's problem for a gradient of this shape. */
    public RecurrentBackwardProblem problem(Shape dy) {
        return new RecurrentBackwardProblem(new RecurrentGeometry(cell, dy.extent(0), dy.extent(1), dy.extent(2), reverse,
                bias, initial, lengths), finals);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        int states = cell == RecurrentCell.LSTM ? 2 : 1;
        Types.count(inputs, 3 + (finals ? states : 0) + (cell == RecurrentCell.RNN ? 0 : 1) + (lengths ? 1 : 0),
                label() + " takes dy, the gradients of the final states, weight_hh and what the forward pass left");
        Types.rank("dy", inputs.getFirst(), 3, "T, N, hidden size");
        return Recurrent.results(problem(inputs.getFirst().shape()).operands(), inputs);
    }

    @Override
    public void vjp(Backward backward) {
        throw new IllegalOperandException(label() + " has no gradient of its own: second derivatives through recurrent layers "
                + "are not supported");
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return problem(inputs.getFirst().shape()).cost();
    }
}
