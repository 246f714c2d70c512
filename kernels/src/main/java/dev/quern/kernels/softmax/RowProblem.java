package dev.quern.kernels.softmax;

import dev.quern.kernels.Problem;
import dev.quern.runtime.DType;

/** What softmax and its gradient have in common: independent rows of [outer, axis, inner], one for each outer and inner. */
sealed interface RowProblem extends Problem permits SoftmaxProblem, SoftmaxBackwardProblem {
    /** How many slices lie before the axis. */
    int outer();

    /** The length of a row. */
    int axis();

    /** Elements between neighbours of a row. */
    int inner();

    /** Whether probabilities are logarithms. */
    boolean log();

    /** The storage type of all operands. */
    DType dtype();

    /** How many rows there are. */
    default int rows() {
        return outer() * inner();
    }
}
