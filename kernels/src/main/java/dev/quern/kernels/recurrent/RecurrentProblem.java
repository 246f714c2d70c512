package dev.quern.kernels.recurrent;

import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import java.util.List;

/** A pass over a whole sequence. Which operands it has depends on its geometry, so they are found by name. */
sealed interface RecurrentProblem extends Problem permits RecurrentForwardProblem, RecurrentBackwardProblem {
    /** The layer's sizes and options. */
    RecurrentGeometry geometry();

    /** Whether there is an operand of this name. */
    default boolean has(String operand) {
        return operands().stream().anyMatch(each -> each.name().equals(operand));
    }

    /** The position of an operand that the problem has. */
    default int position(String operand) {
        List<Operand> operands = operands();
        for (int i = 0; i < operands.size(); i++) {
            if (operands.get(i).name().equals(operand)) {
                return i;
            }
        }
        throw new IllegalArgumentException(key() + " has no operand " + operand);
    }
}
