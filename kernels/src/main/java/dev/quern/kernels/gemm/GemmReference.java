package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelReference;
import dev.quern.runtime.HostTensor;
import java.util.List;

/** Matrix multiplication as the textbook writes it: one dot product an element, summed in double. */
final class GemmReference implements KernelReference<GemmProblem> {
    @Override
    public void compute(GemmProblem problem, List<HostTensor> operands) {
        HostTensor a = operands.get(GemmProblem.A);
        HostTensor b = operands.get(GemmProblem.B);
        HostTensor c = operands.get(GemmProblem.C);
        int m = problem.m();
        int n = problem.n();
        int k = problem.k();
        int rowA = problem.transposeA() ? 1 : k;
        int stepA = problem.transposeA() ? m : 1;
        int columnB = problem.transposeB() ? k : 1;
        int stepB = problem.transposeB() ? 1 : n;
        for (int product = 0; product < problem.batch(); product++) {
            int firstA = product * problem.strideA();
            int firstB = product * problem.strideB();
            int firstC = product * problem.strideC();
            for (int row = 0; row < m; row++) {
                for (int column = 0; column < n; column++) {
                    double sum = 0;
                    for (int i = 0; i < k; i++) {
                        sum += a.get(firstA + row * rowA + i * stepA) * b.get(firstB + column * columnB + i * stepB);
                    }
                    c.set(firstC + row * n + column, problem.alpha() * sum);
                }
            }
        }
    }
}
