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
        HostTensor c = operands.get(problem.indexOfC());
        int rowA = problem.transposeA() ? 1 : problem.a().leading();
        int stepA = problem.transposeA() ? problem.a().leading() : 1;
        int columnB = problem.transposeB() ? problem.b().leading() : 1;
        int stepB = problem.transposeB() ? 1 : problem.b().leading();
        for (int product = 0; product < problem.batch(); product++) {
            int firstA = problem.a().offset() + product * problem.a().stride();
            int firstB = problem.b().offset() + product * problem.b().stride();
            for (int row = 0; row < problem.m(); row++) {
                for (int column = 0; column < problem.n(); column++) {
                    double sum = 0;
                    for (int i = 0; i < problem.k(); i++) {
                        sum += a.get(firstA + row * rowA + i * stepA) * b.get(firstB + column * columnB + i * stepB);
                    }
                    sum *= problem.alpha();
                    if (problem.beta() != 0) {
                        sum += problem.beta() * operands.get(GemmProblem.ADDED).get(at(problem.added(), product, row, column));
                    }
                    c.set(at(problem.c(), product, row, column), sum);
                }
            }
        }
    }

    private static int at(GemmMatrix matrix, int product, int row, int column) {
        return matrix.offset() + product * matrix.stride() + row * matrix.leading() + column;
    }
}
