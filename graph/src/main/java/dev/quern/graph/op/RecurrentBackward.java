package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.kernels.recurrent.IncomingGradients;
import dev.quern.kernels.recurrent.RecurrentBackwardProblem;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.recurrent.RecurrentGeometry;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The gradients of {@link Recurrent}. Operands: those of dy [T, N, H], dhn [N, H] and, for an LSTM, dcn that are incoming; weight_hh; the
 * forward pass's gates, previous_h and, of an LSTM, previous_c; with lengths I32 [N]; x [T, N, I]; where its gradient is wanted
 * weight_ih. Results: with bias dbias_ih [G H] and, for a GRU, dbias_hh; with initial states dh0 [N, H] and, for an LSTM, dc0;
 * dweight_ih; dweight_hh; where it is wanted dx.
 *
 * @param cell     what happens in a step
 * @param reverse  whether time ran from the last step to the first
 * @param bias     whether the biases' gradients are wanted
 * @param initial  whether the initial states' gradients are wanted
 * @param lengths  whether each row has a length of its own
 * @param incoming which results have a gradient
 * @param toInput  whether the gradient of x is wanted
 */
public record RecurrentBackward(RecurrentCell cell, boolean reverse, boolean bias, boolean initial, boolean lengths,
        IncomingGradients incoming, boolean toInput) implements Op {
    @Override
    public String label() {
        return cell.label() + "_backward";
    }

    @Override
    public String attributes() {
        return reverse ? "reverse" : "";
    }

    /** The kernel family's problem for operands of these types. */
    public RecurrentBackwardProblem problem(List<TensorType> inputs) {
        Shape states = inputs.get(incoming.count() + 2).shape();
        Shape x = inputs.get(inputs.size() - (toInput ? 2 : 1)).shape();
        return new RecurrentBackwardProblem(new RecurrentGeometry(cell, states.extent(0), states.extent(1), states.extent(2), reverse, bias,
                initial, lengths), incoming, x.extent(2), toInput, DType.F32);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        int states = cell == RecurrentCell.LSTM ? 2 : 1;
        Types.count(inputs, 3 + incoming.count() + states + (lengths ? 1 : 0) + (toInput ? 1 : 0),
                label() + " takes the gradients of the layer's results, weight_hh, what the forward pass left and its input");
        Types.rank("previous_h", inputs.get(incoming.count() + 2), 3, "T, N, hidden size");
        Types.rank("input", inputs.get(inputs.size() - (toInput ? 2 : 1)), 3, "T, N, features");
        return Recurrent.results(problem(inputs).operands(), inputs);
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
        return problem(inputs).cost();
    }
}
