package dev.quern.kernels;

import dev.quern.runtime.HostTensor;
import java.util.List;

/**
 * The oracle of a family: naive, single-threaded, accumulating in double, as close to the textbook formula as it can be.
 *
 * @param <P> the family's problem
 */
@FunctionalInterface
public interface KernelReference<P extends Problem> {
    /**
     * Solves the problem.
     *
     * @param problem  the problem
     * @param operands a tensor for each of its operands; outputs are filled in
     */
    void compute(P problem, List<HostTensor> operands);
}
