package dev.quern.kernels.recurrent;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradients of {@link RecurrentForwardProblem}. Its inputs:
 *
 * <pre>
 * dy         [T, N, H]     the gradient of y; what it says past a row's length is not read
 * dhn, dcn   [N, H]        with finals; dcn of an LSTM only
 * weight_hh  [G H, H]
 * gates      [T, N, S H]   as the forward pass left them
 * previous_h [T, N, H]     GRU
 * previous_c [T, N, H]     LSTM
 * lengths    I32 [N]       with lengths
 * </pre>
 *
 * and its outputs:
 *
 * <pre>
 * dpre       [T, N, G H]   of the pre-activations; zero past a row's length
 * dhidden    [T, N, G H]   GRU: of the hidden state's shares of the sums. For the others that is dpre
 * dbias_ih   [G H]         with biases: the sum of dpre over T and N; for LSTM and RNN dbias_hh too
 * dbias_hh   [G H]         with biases, GRU: the sum of dhidden
 * dh0, dc0   [N, H]        with initial states; dc0 of an LSTM only
 * </pre>
 *
 * The gradient of weight_hh is one product over all steps, dhidden^T * previous_h, and is left to the matrix product.
 *
 * @param geometry the layer's sizes and options
 * @param finals   whether gradients flow into the states after the last step
 */
public record RecurrentBackwardProblem(RecurrentGeometry geometry, boolean finals) implements RecurrentProblem {
    @Override
    public String family() {
        return "recurrent-backward";
    }

    @Override
    public List<Operand> operands() {
        RecurrentGeometry g = geometry;
        List<Operand> operands = new ArrayList<>();
        operands.add(Operand.input("dy", DType.F32, g.sequence()));
        if (finals) {
            operands.add(Operand.input("dhn", DType.F32, g.state()));
        }
        if (finals && g.lstm()) {
            operands.add(Operand.input("dcn", DType.F32, g.state()));
        }
        operands.add(Operand.input("weight_hh", DType.F32, Shape.of(g.gateRows(), g.hidden())));
        operands.add(Operand.input("gates", DType.F32, g.sequence(g.cell().saved())));
        if (g.gru()) {
            operands.add(Operand.input("previous_h", DType.F32, g.sequence()));
        }
        if (g.lstm()) {
            operands.add(Operand.input("previous_c", DType.F32, g.sequence()));
        }
        if (g.lengths()) {
            operands.add(Operand.input("lengths", DType.I32, Shape.of(g.batch())));
        }
        operands.add(Operand.output("dpre", DType.F32, g.sequence(g.cell().gates())));
        if (g.gru()) {
            operands.add(Operand.output("dhidden", DType.F32, g.sequence(g.cell().gates())));
        }
        if (g.bias()) {
            operands.add(Operand.output("dbias_ih", DType.F32, Shape.of(g.gateRows())));
        }
        if (g.bias() && g.gru()) {
            operands.add(Operand.output("dbias_hh", DType.F32, Shape.of(g.gateRows())));
        }
        if (g.initial()) {
            operands.add(Operand.output("dh0", DType.F32, g.state()));
        }
        if (g.initial() && g.lstm()) {
            operands.add(Operand.output("dc0", DType.F32, g.state()));
        }
        return List.copyOf(operands);
    }

    /** The products with weight_hh; what a cell does beside them is left out. */
    @Override
    public Cost cost() {
        return Cost.of(geometry.flops(), operands());
    }

    /** For example {@code recurrent-backward f32 lstm 28x64x128 bias finals}. */
    @Override
    public String key() {
        return family() + " " + geometry.key() + (finals ? " finals" : "");
    }
}
