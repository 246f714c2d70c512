package dev.quern.bench.kernel;

import dev.quern.kernels.Problem;
import dev.quern.runtime.HostTensor;
import java.util.List;

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
     * @return the root mean square of the difference relative to that of what is expected; NaN if there is a NaN
     */
    double error(P problem, List<HostTensor> operands);
}
