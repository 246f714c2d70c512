package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelReference;
import dev.quern.runtime.HostTensor;
import java.util.List;

/** The gradient of softmax row by row, in double. */
final class SoftmaxBackwardReference implements KernelReference<SoftmaxBackwardProblem> {
    @Override
    public void compute(SoftmaxBackwardProblem problem, List<HostTensor> operands) {
        HostTensor y = operands.get(SoftmaxBackwardProblem.Y);
        HostTensor dy = operands.get(SoftmaxBackwardProblem.DY);
        HostTensor dx = operands.get(SoftmaxBackwardProblem.DX);
        int axis = problem.axis();
        int inner = problem.inner();
        for (int row = 0; row < problem.outer() * inner; row++) {
            int first = row / inner * axis * inner + row % inner;
            double sum = 0;
            for (int i = 0; i < axis; i++) {
                int at = first + i * inner;
                sum += problem.log() ? dy.get(at) : y.get(at) * dy.get(at);
            }
            for (int i = 0; i < axis; i++) {
                int at = first + i * inner;
                dx.set(at, problem.log() ? dy.get(at) - Math.exp(y.get(at)) * sum : y.get(at) * (dy.get(at) - sum));
            }
        }
    }
}
