package dev.quern.kernels.recurrent;

import dev.quern.kernels.Cost;
import dev.quern.kernels.Operand;
import dev.quern.kernels.storage.StoredProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A recurrent layer over a whole sequence, in one direction. Its inputs, G being the cell's gates:
 *
 * <pre>
 * x          [T, N, I]     with features
 * weight_ih  [G H, I]      with features
 * pre        [T, N, G H]   without features: the input's share of the gates' sums, weight_ih * x, without bias
 * weight_hh  [G H, H]
 * bias_ih    [G H]         with biases; both are added here
 * bias_hh    [G H]         with biases
 * h0         [N, H]        with initial states
 * c0         [N, H]        with initial states, LSTM
 * lengths    I32 [N]       with lengths
 * </pre>
 *
 * and its outputs:
 *
 * <pre>
 * y          [T, N, H]     the hidden state after each step, zero past a row's length
 * hn, cn     [N, H]        the states after the last step; cn of an LSTM only
 * gates      [T, N, S H]   in training: what {@link RecurrentCell#saved} says, zero past a row's length
 * previous_h [T, N, H]     in training: the hidden state before each step
 * previous_c [T, N, H]     in training, LSTM: the cell before each step
 * </pre>
 *
 * @param geometry the layer's sizes and options
 * @param training whether what the backward pass needs is kept
 * @param features I, the size of x; 0 if the product with weight_ih is given instead of x: the recurrence alone
 * @param stored   the storage type of x, weights, biases, states and y: F32, F16 or BF16. What is kept for the backward pass, and
 *                 pre, are F32, and so is all arithmetic
 */
public record RecurrentForwardProblem(RecurrentGeometry geometry, boolean training, int features, DType stored)
        implements RecurrentProblem, StoredProblem<RecurrentForwardProblem> {
    public RecurrentForwardProblem {
        RecurrentProblem.check(geometry, features, stored);
    }

    /** All in F32. */
    public RecurrentForwardProblem(RecurrentGeometry geometry, boolean training, int features) {
        this(geometry, training, features, DType.F32);
    }

    /** The recurrence alone. */
    public RecurrentForwardProblem(RecurrentGeometry geometry, boolean training) {
        this(geometry, training, 0);
    }

    @Override
    public RecurrentForwardProblem recurrence() {
        return new RecurrentForwardProblem(geometry, training, 0, stored);
    }

    @Override
    public RecurrentForwardProblem inF32() {
        return new RecurrentForwardProblem(geometry, training, features);
    }

    @Override
    public String family() {
        return "recurrent-forward";
    }

    @Override
    public List<Operand> operands() {
        RecurrentGeometry g = geometry;
        List<Operand> operands = new ArrayList<>();
        if (features > 0) {
            operands.add(Operand.input("x", stored, Shape.of(g.steps(), g.batch(), features)));
            operands.add(Operand.input("weight_ih", stored, Shape.of(g.gateRows(), features)));
        } else {
            operands.add(Operand.input("pre", DType.F32, g.sequence(g.cell().gates())));
        }
        operands.add(Operand.input("weight_hh", stored, Shape.of(g.gateRows(), g.hidden())));
        if (g.bias()) {
            operands.add(Operand.input("bias_ih", stored, Shape.of(g.gateRows())));
            operands.add(Operand.input("bias_hh", stored, Shape.of(g.gateRows())));
        }
        if (g.initial()) {
            operands.add(Operand.input("h0", stored, g.state()));
        }
        if (g.initial() && g.lstm()) {
            operands.add(Operand.input("c0", stored, g.state()));
        }
        if (g.lengths()) {
            operands.add(Operand.input("lengths", DType.I32, Shape.of(g.batch())));
        }
        operands.add(Operand.output("y", stored, g.sequence()));
        operands.add(Operand.output("hn", stored, g.state()));
        if (g.lstm()) {
            operands.add(Operand.output("cn", stored, g.state()));
        }
        if (training) {
            operands.add(Operand.output("gates", DType.F32, g.sequence(g.cell().saved())));
            operands.add(Operand.output("previous_h", DType.F32, g.sequence()));
        }
        if (training && g.lstm()) {
            operands.add(Operand.output("previous_c", DType.F32, g.sequence()));
        }
        return List.copyOf(operands);
    }

    /** The products; what a cell does beside them is left out. */
    @Override
    public Cost cost() {
        return Cost.of(geometry.flops() + geometry.flops(features), operands());
    }

    /** For example {@code recurrent-forward f32 lstm 28x64x128 bias training features 28}. */
    @Override
    public String key() {
        return family() + " " + geometry.key() + (training ? " training" : "") + (features > 0 ? " features " + features : "")
                + (stored == DType.F32 ? "" : " stored " + stored);
    }
}
