package dev.quern.graph.op;

import dev.quern.kernels.recurrent.RecurrentCell;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Recurrent layers on top of each other, as PyTorch's LSTM, GRU and RNN: a layer reads the hidden states of the one below, of
 * both directions side by side where there are two.
 *
 * @param cell          what happens in a step
 * @param weights       of each layer, the lowest first; of two directions, forward then reverse
 * @param bidirectional whether each layer runs both ways
 * @param h0            [layers * directions, N, H], the hidden states before the first step; zero where there is none
 * @param c0            the same of an LSTM's cells; given exactly where h0 is
 * @param lengths       I32 [N]: steps from there on leave a row's states as they are and give zero
 */
public record RecurrentNetwork(RecurrentCell cell, List<RecurrentWeights> weights, boolean bidirectional, Optional<Value> h0,
        Optional<Value> c0, Optional<Value> lengths) {
    public RecurrentNetwork {
        weights = List.copyOf(weights);
    }

    /** One direction, zero initial states, every row of full length. */
    public static RecurrentNetwork of(RecurrentCell cell, List<RecurrentWeights> weights) {
        return new RecurrentNetwork(cell, weights, false, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** This with both directions or one. */
    public RecurrentNetwork bidirectional(boolean both) {
        return new RecurrentNetwork(cell, weights, both, h0, c0, lengths);
    }

    /** This with initial states, of a GRU or a plain network. */
    public RecurrentNetwork initial(Value hidden) {
        return new RecurrentNetwork(cell, weights, bidirectional, Optional.of(hidden), Optional.empty(), lengths);
    }

    /** This with initial states, of an LSTM. */
    public RecurrentNetwork initial(Value hidden, Value cells) {
        return new RecurrentNetwork(cell, weights, bidirectional, Optional.of(hidden), Optional.of(cells), lengths);
    }

    /** This with a length for each row. */
    public RecurrentNetwork lengths(Value ofRows) {
        return new RecurrentNetwork(cell, weights, bidirectional, h0, c0, Optional.of(ofRows));
    }

    private int directions() {
        return bidirectional ? 2 : 1;
    }

    /** Checks what single layers cannot see. */
    private RecurrentNetwork check() {
        if (weights.isEmpty() || weights.size() % directions() != 0) {
            throw new IllegalOperandException(weights.size() + " sets of weights for layers of " + directions()
                    + " directions: there must be one for each layer and direction");
        }
        if (h0.isPresent() && c0.isPresent() != (cell == RecurrentCell.LSTM)) {
            throw new IllegalOperandException("an lstm starts from h0 and c0, others from h0 alone");
        }
        checkState("h0", h0);
        checkState("c0", c0);
        return this;
    }

    private void checkState(String name, Optional<Value> state) {
        state.map(Value::shape).ifPresent(shape -> {
            if (shape.rank() != 3 || shape.extent(0) != weights.size()) {
                throw new IllegalOperandException(name + " " + shape + ": must be [" + weights.size()
                        + ", N, hidden size], one state for each layer and direction");
            }
        });
    }

    /** Emits the layers over x [T, N, features]. */
    RecurrentOutput emit(Emitter emit, Value x) {
        emit.checked(cell.label(), this::check);
        List<Value> hiddens = new ArrayList<>();
        List<Value> cells = new ArrayList<>();
        Value y = x;
        for (int layer = 0; layer < weights.size() / directions(); layer++) {
            List<Value> sequences = new ArrayList<>();
            for (int direction = 0; direction < directions(); direction++) {
                int index = layer * directions() + direction;
                List<Value> initial = new ArrayList<>();
                h0.ifPresent(states -> initial.add(emit.select(states, 0, index)));
                c0.ifPresent(states -> initial.add(emit.select(states, 0, index)));
                RecurrentOutput output = emit.recurrent(cell, y, weights.get(index), initial, lengths, direction == 1);
                sequences.add(output.y());
                hiddens.add(output.hn());
                output.cn().ifPresent(cells::add);
            }
            y = bidirectional ? emit.concat(2, sequences.toArray(Value[]::new)) : sequences.getFirst();
        }
        return new RecurrentOutput(y, together(emit, hiddens),
                cells.isEmpty() ? Optional.empty() : Optional.of(together(emit, cells)));
    }

    private static Value together(Emitter emit, List<Value> states) {
        Shape one = states.getFirst().shape();
        return states.size() == 1 ? emit.reshape(states.getFirst(), 1, one.extent(0), one.extent(1))
                : emit.stack(0, states.toArray(Value[]::new));
    }
}
