package dev.quern.bench.kernel;

import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Random;

/**
 * Checks a matrix product in the time of a few products of matrix and vector: C x must be A (B x), and y C must be
 * (y A) B, for random vectors of signs x and y (Freivalds, 1977). A wrong element shows in its row and in its column
 * unless it is {@code sqrt(n)} times smaller than the tolerance. All sums are in double.
 */
final class GemmCheck implements Check<GemmProblem> {
    @Override
    public double error(GemmProblem problem, List<HostTensor> operands) {
        if (problem.batch() != 1 || problem.transposeA() || problem.transposeB() || problem.alpha() != 1) {
            throw new IllegalArgumentException("checks plain products only, not " + problem.key());
        }
        int m = problem.m();
        int n = problem.n();
        int k = problem.k();
        float[] a = operands.get(GemmProblem.A).toFloats();
        float[] b = operands.get(GemmProblem.B).toFloats();
        float[] c = operands.get(GemmProblem.C).toFloats();
        Random random = new Random(7);
        double[] x = signs(random, n);
        double[] y = signs(random, m);
        double byRows = relative(timesVector(c, m, n, x), timesVector(a, m, k, timesVector(b, k, n, x)));
        double byColumns = relative(vectorTimes(y, c, m, n), vectorTimes(vectorTimes(y, a, m, k), b, k, n));
        return Math.max(byRows, byColumns);
    }

    private static double[] signs(Random random, int count) {
        double[] signs = new double[count];
        for (int i = 0; i < count; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        return signs;
    }

    private static double[] timesVector(float[] matrix, int rows, int columns, double[] vector) {
        double[] product = new double[rows];
        for (int i = 0; i < rows; i++) {
            double sum = 0;
            for (int j = 0; j < columns; j++) {
                sum += matrix[i * columns + j] * vector[j];
            }
            product[i] = sum;
        }
        return product;
    }

    private static double[] vectorTimes(double[] vector, float[] matrix, int rows, int columns) {
        double[] product = new double[columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                product[j] += vector[i] * matrix[i * columns + j];
            }
        }
        return product;
    }

    private static double relative(double[] actual, double[] expected) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < actual.length; i++) {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            size += expected[i] * expected[i];
        }
        return Math.sqrt(difference / size);
    }
}
