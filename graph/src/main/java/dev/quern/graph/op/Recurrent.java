package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Role;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.recurrent.RecurrentForwardProblem;
import dev.quern.kernels.recurrent.RecurrentGeometry;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A recurrent layer over a whole sequence, in one direction. Operands: pre [T, N, G H], which is weight_ih * x for all steps at
 * once, without bias; weight_hh [G H, H]; with biases bias_ih and bias_hh [G H]; with initial states h0 [N, H] and, for an
 * LSTM, c0; with lengths I32 [N]. Results: y [T, N, H], hn [N, H] and, for an LSTM, cn; what the gradient reads comes behind
 * them and is computed only where something reads it.
 *
 * @param cell    what happens in a step
 * @param reverse whether time runs from the last step to the first
 * @param bias    whether there are biases
 * @param initial whether the states before the first step are given; they are zero otherwise
 * @param lengths whether each row has a length of its own: steps from there on leave its state as it is and give zero
 */
public record Recurrent(RecurrentCell cell, boolean reverse, boolean bias, boolean initial, boolean lengths) implements Op {
    @Override
    public String label() {
        return cell.label();
    }

    @Override
    public String attributes() {
        return reverse ? "reverse" : "";
    }

    /** The kernel family's problem for pre-activations and a weight_hh of these shapes. */
    public RecurrentForwardProblem problem(Shape pre, Shape weightHh, boolean training) {
        return new RecurrentForwardProblem(new RecurrentGeometry(cell, pre.extent(0), pre.extent(1), weightHh.extent(1),
                reverse, bias, initial, lengths), training);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        int states = cell == RecurrentCell.LSTM ? 2 : 1;
        Types.count(inputs, 2 + (bias ? 2 : 0) + (initial ? states : 0) + (lengths ? 1 : 0), label()
                + " takes pre-activations, weight_hh" + (bias ? ", bias_ih, bias_hh" : "")
                + (initial ? states == 2 ? ", h0, c0" : ", h0" : "") + (lengths ? ", lengths" : ""));
        Shape pre = inputs.get(0).shape();
        Shape weight = inputs.get(1).shape();
        Types.rank("pre-activations", inputs.get(0), 3, "T, N, gates * hidden size");
        Types.rank("weight_hh", inputs.get(1), 2, "gates * hidden size, hidden size");
        int rows = cell.gates() * weight.extent(1);
        if (pre.extent(2) != rows || weight.extent(0) != rows) {
            throw new IllegalOperandException("pre-activations " + pre + " and weight_hh " + weight + ": the " + cell.gates()
                    + (cell.gates() == 1 ? " gate" : " gates") + " of " + label() + " with hidden size " + weight.extent(1)
                    + " need " + rows + " rows in weight_ih and in weight_hh");
        }
        return results(problem(pre, weight, true).operands(), inputs);
    }

    /** Checks the input operands, and gives the types of the outputs. */
    static List<TensorType> results(List<Operand> operands, List<TensorType> inputs) {
        List<TensorType> results = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            TensorType type = new TensorType(operands.get(i).dtype(), operands.get(i).shape());
            if (operands.get(i).role() == Role.OUTPUT) {
                results.add(type);
            } else if (!inputs.get(i).equals(type)) {
                throw new IllegalOperandException(operands.get(i).name() + " " + inputs.get(i) + ": must be " + type);
            }
        }
        return results;
    }

    @Override
    public void vjp(Backward backward) {
        Emitter emit = backward.emit();
        boolean lstm = cell == RecurrentCell.LSTM;
        int states = lstm ? 2 : 1;
        int gates = 1 + states;
        int firstState = bias ? 4 : 2;
        boolean toBias = bias && (backward.wants(2) || backward.wants(3));
        boolean toStates = initial && (backward.wants(firstState) || lstm && backward.wants(firstState + 1));
        boolean finals = backward.gradient(1).isPresent() || lstm && backward.gradient(2).isPresent();

        List<Value> operands = new ArrayList<>();
        operands.add(orZero(backward, 0));
        for (int state = 1; finals && state <= states; state++) {
            operands.add(orZero(backward, state));
        }
        operands.add(backward.input(1));
        operands.add(backward.output(gates));
        if (cell != RecurrentCell.RNN) {
            operands.add(backward.output(lstm ? gates + 2 : gates + 1));
        }
        if (lengths) {
            operands.add(backward.input(firstState + (initial ? states : 0)));
        }
        RecurrentBackward op = new RecurrentBackward(cell, reverse, toBias, toStates, lengths, finals);
        List<Value> results = emit.emit(op.label(), op, operands);

        int next = 0;
        Value dpre = results.get(next++);
        Value dhidden = cell == RecurrentCell.GRU ? results.get(next++) : dpre;
        if (backward.wants(0)) {
            backward.to(0, dpre);
        }
        if (backward.wants(1)) {
            // All steps' products with the states before them add up: that is one product with longer sums.
            Value previous = backward.output(gates + 1);
            backward.to(1, emit.matmul(emit.reshape(dhidden, -1, dhidden.shape().extent(2)),
                    emit.reshape(previous, -1, previous.shape().extent(2)), true, false));
        }
        if (toBias) {
            Value ofInput = results.get(next++);
            Value ofHidden = cell == RecurrentCell.GRU ? results.get(next++) : ofInput;
            give(backward, 2, ofInput);
            give(backward, 3, ofHidden);
        }
        for (int state = 0; toStates && state < states; state++) {
            give(backward, firstState + state, results.get(next++));
        }
    }

    private static void give(Backward backward, int input, Value gradient) {
        if (backward.wants(input)) {
            backward.to(input, gradient);
        }
    }

    private static Value orZero(Backward backward, int output) {
        Optional<Value> gradient = backward.gradient(output);
        return gradient.orElseGet(() -> backward.emit().constant(0, backward.output(output).shape()));
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return problem(inputs.get(0).shape(), inputs.get(1).shape(), true).cost();
    }
}
