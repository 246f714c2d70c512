package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelReference;
import dev.quern.runtime.HostTensor;
import java.util.List;

/** Softmax row by row: largest value, sum of exponentials, quotient; in double. */
final class SoftmaxReference implements KernelReference<SoftmaxProblem> {
    @Override
    public void compute(SoftmaxProblem problem, List<HostTensor> operands) {
        HostTensor x = operands.get(SoftmaxProblem.X);
        HostTensor y = operands.get(SoftmaxProblem.Y);
        int axis = problem.axis();
        int inner = problem.inner();
        for (int row = 0; row < problem.outer() * inner; row++) {
            int first = row / inner * axis * inner + row % inner;
            double largest = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < axis; i++) {
                largest = Math.max(largest, x.get(first + i * inner));
            }
            double sum = 0;
            for (int i = 0; i < axis; i++) {
                sum += Math.exp(x.get(first + i * inner) - largest);
            }
            for (int i = 0; i < axis; i++) {
                double shifted = x.get(first + i * inner) - largest;
                y.set(first + i * inner, problem.log() ? shifted - Math.log(sum) : Math.exp(shifted) / sum);
            }
        }
    }
}
