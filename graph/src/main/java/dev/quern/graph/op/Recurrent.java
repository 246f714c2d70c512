package dev.quern.graph.op;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Role;
import dev.quern.kernels.recurrent.IncomingGradients;
import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.kernels.recurrent.RecurrentForwardProblem;
import dev.quern.kernels.recurrent.RecurrentGeometry;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent layer over a whole sequence, in one direction. Operands: x [T, N, I]; weight_ih [G H, I]; weight_hh [G H, H]; with
 * biases bias_ih and bias_hh [G H]; with initial states h0 [N, H] and, for an
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

    /** The kernel family's problem for an x and a weight_hh of these shapes. */
    public RecurrentForwardProblem problem(Shape x, Shape weightHh, boolean training) {
        return new RecurrentForwardProblem(new RecurrentGeometry(cell, x.extent(0), x.extent(1), weightHh.extent(1),
                reverse, bias, initial, lengths), training, x.extent(2));
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        int states = cell == RecurrentCell.LSTM ? 2 : 1;
        Types.count(inputs, 3 + (bias ? 2 : 0) + (initial ? states : 0) + (lengths ? 1 : 0), label()
                + " takes x, weight_ih, weight_hh" + (bias ? ", bias_ih, bias_hh" : "")
                + (initial ? states == 2 ? ", h0, c0" : ", h0" : "") + (lengths ? ", lengths" : ""));
        Types.rank("input", inputs.get(0), 3, "T, N, features");
        Types.rank("weight_ih", inputs.get(1), 2, "gates * hidden size, features");
        Types.rank("weight_hh", inputs.get(2), 2, "gates * hidden size, hidden size");
        Shape x = inputs.get(0).shape();
        Shape weightIh = inputs.get(1).shape();
        Shape weightHh = inputs.get(2).shape();
        int rows = cell.gates() * weightHh.extent(1);
        if (weightIh.extent(1) != x.extent(2)) {
            throw new IllegalOperandException("input " + x + " and weight_ih " + weightIh + ": weight_ih must be [" + cell.gates()
                    + " * hidden size, " + x.extent(2) + "]");
        }
        if (weightIh.extent(0) != rows || weightHh.extent(0) != rows) {
            throw new IllegalOperandException("weight_ih " + weightIh + " and weight_hh " + weightHh + ": the " + cell.gates()
                    + (cell.gates() == 1 ? " gate" : " gates") + " of " + label() + " with hidden size " + weightHh.extent(1)
                    + " need " + rows + " rows in weight_ih and in weight_hh");
        }
        return results(problem(x, weightHh, true).operands(), inputs);
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
        int firstState = bias ? 5 : 3;
        boolean toInput = backward.wants(0);
        boolean toBias = bias && (backward.wants(3) || backward.wants(4));
        boolean toStates = initial && (backward.wants(firstState) || lstm && backward.wants(firstState + 1));
        IncomingGradients incoming = new IncomingGradients(backward.gradient(0).isPresent(), backward.gradient(1).isPresent(),
                lstm && backward.gradient(2).isPresent());

        List<Value> operands = new ArrayList<>();
        for (int result = 0; result <= states; result++) {
            backward.gradient(result).ifPresent(operands::add);
        }
        operands.add(backward.input(2));
        operands.add(backward.output(gates));
        operands.add(backward.output(gates + 1));
        if (lstm) {
            operands.add(backward.output(gates + 2));
        }
        if (lengths) {
            operands.add(backward.input(firstState + (initial ? states : 0)));
        }
        operands.add(backward.input(0));
        if (toInput) {
            operands.add(backward.input(1));
        }
        RecurrentBackward op = new RecurrentBackward(cell, reverse, toBias, toStates, lengths, incoming, toInput);
        List<Value> results = emit.emit(op.label(), op, operands);

        int next = 0;
        if (toBias) {
            Value ofInput = results.get(next++);
            Value ofHidden = cell == RecurrentCell.GRU ? results.get(next++) : ofInput;
            give(backward, 3, ofInput);
            give(backward, 4, ofHidden);
        }
        for (int state = 0; toStates && state < states; state++) {
            give(backward, firstState + state, results.get(next++));
        }
        give(backward, 1, results.get(next++));
        give(backward, 2, results.get(next++));
        if (toInput) {
            backward.to(0, results.get(next));
        }
    }

    private static void give(Backward backward, int input, Value gradient) {
        if (backward.wants(input)) {
            backward.to(input, gradient);
        }
    }

    @Override
    public FusionKind fusionKind() {
        return FusionKind.ANCHOR;
    }

    @Override
    public Cost cost(List<TensorType> inputs, List<TensorType> outputs) {
        return problem(inputs.get(0).shape(), inputs.get(2).shape(), true).cost();
    }
}
