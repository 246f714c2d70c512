package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelReference;
import dev.quern.runtime.HostTensor;
import java.util.List;

/** Walks along the axis and remembers where the first extreme was; NaN is one. */
final class ArgReduceReference implements KernelReference<ArgReduceProblem> {
    @Override
    public void compute(ArgReduceProblem problem, List<HostTensor> operands) {
        HostTensor x = operands.get(ArgReduceProblem.X);
        for (int output = 0; output < problem.outputs(); output++) {
            int first = output / problem.inner() * problem.axis() * problem.inner() + output % problem.inner();
            int best = 0;
            double extreme = x.get(first);
            for (int i = 1; i < problem.axis() && !Double.isNaN(extreme); i++) {
                double next = x.get(first + i * problem.inner());
                if (Double.isNaN(next) || (problem.largest() ? next > extreme : next < extreme)) {
                    best = i;
                    extreme = next;
                }
            }
            operands.get(ArgReduceProblem.Y).set(output, best);
        }
    }
}
