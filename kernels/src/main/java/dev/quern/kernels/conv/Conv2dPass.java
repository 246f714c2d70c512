package dev.quern.kernels.conv;

import dev.quern.kernels.Problem;
import java.util.function.Function;

/**
 * Which of a convolution's three passes a rung computes, for rungs whose three forms differ in a file's name alone.
 *
 * @param <P>      the pass's problem
 * @param family   the family's name
 * @param file     what the names of its kernels begin with
 * @param geometry the geometry of a problem
 */
record Conv2dPass<P extends Problem>(String family, String file, Function<P, Conv2dGeometry> geometry) {
    static final Conv2dPass<Conv2dForwardProblem> FORWARD = new Conv2dPass<>(Conv2dForwardProblem.FAMILY, "conv2d_forward",
            Conv2dForwardProblem::geometry);
    static final Conv2dPass<Conv2dBackwardDataProblem> BACKWARD_DATA = new Conv2dPass<>(Conv2dBackwardDataProblem.FAMILY,
            "conv2d_backward_data", Conv2dBackwardDataProblem::geometry);
    static final Conv2dPass<Conv2dBackwardWeightsProblem> BACKWARD_WEIGHTS = new Conv2dPass<>(
            Conv2dBackwardWeightsProblem.FAMILY, "conv2d_backward_weights", Conv2dBackwardWeightsProblem::geometry);

    /** Elements of the pass's output, on which an epilogue rides. */
    long outputElements(P problem) {
        return problem.operands().get(2).shape().elements();
    }

    /** Consecutive output elements that belong to one channel: pixels of a plane, or weights of an output channel. */
    long outputRun(P problem) {
        return problem.operands().get(2).shape().elements(problem.family().equals(Conv2dBackwardWeightsProblem.FAMILY) ? 1 : 2, 4);
    }
}
