package dev.quern.kernels.recurrent;

import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.StorageText;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.List;

/** A pass over a whole sequence. Which operands it has depends on its geometry, so they are found by name. */
sealed interface RecurrentProblem extends Problem permits RecurrentForwardProblem, RecurrentBackwardProblem {
    /** The layer's sizes and options. */
    RecurrentGeometry geometry();

    /** The size of x; 0 for the recurrence alone, whose input is the product with weight_ih. */
    int features();

    /** The recurrence alone of this layer. */
    RecurrentProblem recurrence();

    /** Checks what the geometry does not know. */
    static void check(RecurrentGeometry g, int features, DType stored) {
        if (!StorageText.TYPES.contains(stored)) {
            throw new QuernException(g.key() + " stored in " + stored + ": must be F32, F16 or BF16; convert first");
        }
        if (features < 0) {
            throw new QuernException(g.key() + " of " + features + " features: must be at least 1, or 0 for the recurrence alone");
        }
        if ((double) features * Math.max((double) g.steps() * g.batch(), g.gateRows()) > Integer.MAX_VALUE) {
            throw new QuernException(g.key() + " of " + features + " features: more than 2^31 - 1 elements; split the batch or the "
                    + "sequence");
        }
    }

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
