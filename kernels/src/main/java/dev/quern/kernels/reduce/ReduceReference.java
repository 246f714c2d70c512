package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelReference;
import dev.quern.runtime.HostTensor;
import java.util.Arrays;
import java.util.List;

/** Goes through the input once and combines each element into its output, in double. */
final class ReduceReference implements KernelReference<ReduceProblem> {
    @Override
    public void compute(ReduceProblem problem, List<HostTensor> operands) {
        for (int member = 0; member < problem.members(); member++) {
            compute(problem, operands.get(ReduceProblem.X + member), operands.get(problem.y(member)));
        }
    }

    private static void compute(ReduceProblem problem, HostTensor x, HostTensor y) {
        ReduceOp op = problem.op();
        double[] results = new double[problem.outputs()];
        Arrays.fill(results, op.neutral());
        int[] steps = new int[problem.extents().size()];
        int step = 1;
        for (int i = steps.length - 1; i >= 0; i--) {
            steps[i] = problem.reduced(i) ? 0 : step;
            step *= problem.reduced(i) ? 1 : problem.extents().get(i);
        }
        for (int element = 0; element < x.shape().elements(); element++) {
            int rest = element;
            int output = 0;
            for (int i = steps.length - 1; i >= 0; i--) {
                output += rest % problem.extents().get(i) * steps[i];
                rest /= problem.extents().get(i);
            }
            results[output] = op.combine(results[output], op.term(x.get(element)));
        }
        for (int output = 0; output < results.length; output++) {
            y.set(output, op.finish(results[output], problem.terms()));
        }
    }
}
