package dev.quern.kernels.recurrent;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.storage.StoredProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradients of {@link RecurrentForwardProblem}. Its inputs:
 *
 * <pre>
 * dy         [T, N, H]     if incoming: the gradient of y; what it says past a row's length is not read
 * dhn, dcn   [N, H]        if incoming; dcn of an LSTM only
 * weight_hh  [G H, H]
 * gates      [T, N, S H]   as the forward pass left them
 * previous_h [T, N, H]     GRU, and with features
 * previous_c [T, N, H]     LSTM
 * lengths    I32 [N]       with lengths
 * x          [T, N, I]     with features
 * weight_ih  [G H, I]      with features, where the input's gradient is wanted
 * </pre>
 *
 * and its outputs:
 *
 * <pre>
 * dpre       [T, N, G H]   without features: of the pre-activations; zero past a row's length
 * dhidden    [T, N, G H]   without features, GRU: of the hidden state's shares of the sums. For the others that is dpre
 * dbias_ih   [G H]         with biases: the sum of dpre over T and N; for LSTM and RNN dbias_hh too
 * dbias_hh   [G H]         with biases, GRU: the sum of dhidden
 * dh0, dc0   [N, H]        with initial states; dc0 of an LSTM only
 * dweight_ih [G H, I]      with features: dpre^T * x over all steps and rows
 * dweight_hh [G H, H]      with features: dhidden^T * previous_h
 * dx         [T, N, I]     with features, where it is wanted: dpre * weight_ih
 * </pre>
 *
 * Without features, the products that these are made of are left to the caller.
 *
 * @param geometry the layer's sizes and options
 * @param incoming which results have a gradient
 * @param features I, the size of x; 0 for the recurrence alone
 * @param toInput  whether dx is wanted; false without features
 * @param stored   the storage type of x, weights, the gradients of y and of the states after the last step, and of the outputs:
 *                 F32, F16 or BF16. What the forward pass kept, dpre and dhidden are F32, and so is all arithmetic
 */
public record RecurrentBackwardProblem(RecurrentGeometry geometry, IncomingGradients incoming, int features, boolean toInput, DType stored)
        implements RecurrentProblem, StoredProblem<RecurrentBackwardProblem> {
    public RecurrentBackwardProblem {
        RecurrentProblem.check(geometry, features, stored);
        if (toInput && features == 0) {
            throw new QuernException(geometry.key() + ": without features there is no input to have a gradient");
        }
        if (incoming.cell() && !geometry.lstm()) {
            throw new QuernException(geometry.key() + ": only an LSTM has a cell state to have a gradient");
        }
    }

    /** With a gradient of y, and of the states after the last step or not. */
    public RecurrentBackwardProblem(RecurrentGeometry geometry, boolean finals, int features, boolean toInput, DType stored) {
        this(geometry, IncomingGradients.sequence(geometry.cell(), finals), features, toInput, stored);
    }

    /** The same, all in F32. */
    public RecurrentBackwardProblem(RecurrentGeometry geometry, boolean finals, int features, boolean toInput) {
        this(geometry, finals, features, toInput, DType.F32);
    }

    /** The recurrence alone. */
    public RecurrentBackwardProblem(RecurrentGeometry geometry, boolean finals) {
        this(geometry, finals, 0, false);
    }

    @Override
    public RecurrentBackwardProblem recurrence() {
        return new RecurrentBackwardProblem(geometry, incoming, 0, false, stored);
    }

    @Override
    public RecurrentBackwardProblem inF32() {
        return new RecurrentBackwardProblem(geometry, incoming, features, toInput, DType.F32);
    }

    @Override
    public String family() {
        return "recurrent-backward";
    }

    @Override
    public List<Operand> operands() {
        RecurrentGeometry g = geometry;
        List<Operand> operands = new ArrayList<>();
        if (incoming.sequence()) {
            operands.add(Operand.input("dy", stored, g.sequence()));
        }
        if (incoming.state()) {
            operands.add(Operand.input("dhn", stored, g.state()));
        }
        if (incoming.cell()) {
            operands.add(Operand.input("dcn", stored, g.state()));
        }
        operands.add(Operand.input("weight_hh", stored, Shape.of(g.gateRows(), g.hidden())));
        operands.add(Operand.input("gates", DType.F32, g.sequence(g.cell().saved())));
        if (g.gru() || features > 0) {
            operands.add(Operand.input("previous_h", DType.F32, g.sequence()));
        }
        if (g.lstm()) {
            operands.add(Operand.input("previous_c", DType.F32, g.sequence()));
        }
        if (g.lengths()) {
            operands.add(Operand.input("lengths", DType.I32, Shape.of(g.batch())));
        }
        if (features > 0) {
            operands.add(Operand.input("x", stored, Shape.of(g.steps(), g.batch(), features)));
        }
        if (toInput) {
            operands.add(Operand.input("weight_ih", stored, Shape.of(g.gateRows(), features)));
        }
        if (features == 0) {
            operands.add(Operand.output("dpre", DType.F32, g.sequence(g.cell().gates())));
        }
        if (features == 0 && g.gru()) {
            operands.add(Operand.output("dhidden", DType.F32, g.sequence(g.cell().gates())));
        }
        if (g.bias()) {
            operands.add(Operand.output("dbias_ih", stored, Shape.of(g.gateRows())));
        }
        if (g.bias() && g.gru()) {
            operands.add(Operand.output("dbias_hh", stored, Shape.of(g.gateRows())));
        }
        if (g.initial()) {
            operands.add(Operand.output("dh0", stored, g.state()));
        }
        if (g.initial() && g.lstm()) {
            operands.add(Operand.output("dc0", stored, g.state()));
        }
        if (features > 0) {
            operands.add(Operand.output("dweight_ih", stored, Shape.of(g.gateRows(), features)));
            operands.add(Operand.output("dweight_hh", stored, Shape.of(g.gateRows(), g.hidden())));
        }
        if (toInput) {
            operands.add(Operand.output("dx", stored, Shape.of(g.steps(), g.batch(), features)));
        }
        return List.copyOf(operands);
    }

    /** The products; what a cell does beside them is left out. */
    @Override
    public Cost cost() {
        double ofWeights = features == 0 ? 0 : geometry.flops();
        return Cost.of(geometry.flops() + ofWeights + (toInput ? 2 : 1) * geometry.flops(features), operands());
    }

    /** For example {@code recurrent-backward f32 lstm 28x64x128 bias finals features 28 to input}. */
    @Override
    public String key() {
        return family() + " " + geometry.key() + incoming.text(geometry.cell()) + (features > 0 ? " features " + features : "")
                + (toInput ? " to input" : "") + (stored == DType.F32 ? "" : " stored " + stored);
    }
}
