package dev.quern.bench.kernel;

import dev.quern.kernels.Problem;
import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.function.LongToDoubleFunction;

/**
 * Says how wrong a result is, without the code that made it.
 *
 * @param <P> the family's problem
 */
@FunctionalInterface
interface Check<P extends Problem> {
    /**
     * The error of the outputs.
     *
     * @param operands a tensor for each operand of the problem, outputs as they were computed
     * @return the root mean square of the difference relative to that of what is expected, of the worst output; NaN if there
     *         is a NaN
     */
    double error(P problem, List<HostTensor> operands);

    /** A check for variants that all get the same inputs, which may remember what it computed for the first. */
    default Check<P> forOneBout() {
        return this;
    }

    /** The root mean square of the difference of two tensors relative to that of what is expected. */
    static double relativeError(HostTensor actual, HostTensor expected) {
        return relativeError(actual::get, expected::get, expected.shape().elements());
    }

    /** The same for numbers by their index. */
    static double relativeError(LongToDoubleFunction actual, LongToDoubleFunction expected, long count) {
        double difference = 0;
        double size = 0;
        for (long i = 0; i < count; i++) {
            double right = expected.applyAsDouble(i);
            double off = actual.applyAsDouble(i) - right;
            difference += off * off;
            size += right * right;
        }
        // An output that ought to be all zeros has no scale of its own.
        return difference == 0 ? 0 : Math.sqrt(difference / size);
    }
}
