package dev.quern.bench.kernel;

import dev.quern.kernels.Operand;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.runtime.DType;
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
        List<Operand> described = problem.operands();
        if (problem.beta() != 0 || described.stream().anyMatch(operand -> operand.dtype() != DType.F32
                || operand.shape().rank() < 2)) {
            throw new IllegalArgumentException("checks dense F32 products alone, not " + problem.key());
        }
        float[] a = operands.get(GemmProblem.A).toFloats();
        float[] b = operands.get(GemmProblem.B).toFloats();
        float[] c = operands.get(problem.indexOfC()).toFloats();
        double worst = 0;
        for (int product = 0; product < problem.batch(); product++) {
            double error = error(problem, new Matrix(a, product * problem.a().stride(), problem.m(), problem.k(), problem.transposeA()),
                    new Matrix(b, product * problem.b().stride(), problem.k(), problem.n(), problem.transposeB()),
                    new Matrix(c, product * problem.c().stride(), problem.m(), problem.n(), false));
            // Written so that NaN stays.
            worst = error <= worst ? worst : error;
        }
        return worst;
    }

    private static double error(GemmProblem problem, Matrix a, Matrix b, Matrix c) {
        Random random = new Random(7);
        double[] x = signs(random, problem.n());
        double[] y = signs(random, problem.m());
        double byRows = relative(c.timesVector(x), scaled(a.timesVector(b.timesVector(x)), problem.alpha()));
        double byColumns = relative(c.vectorTimes(y), scaled(b.vectorTimes(a.vectorTimes(y)), problem.alpha()));
        return Math.max(byRows, byColumns);
    }

    /** A matrix of so many rows and columns, stored row by row from an element on, or column by column. */
    private record Matrix(float[] elements, int first, int rows, int columns, boolean byColumns) {
        double[] timesVector(double[] vector) {
            return byColumns ? combined(vector, columns, rows) : dots(vector, rows, columns);
        }

        double[] vectorTimes(double[] vector) {
            return byColumns ? dots(vector, columns, rows) : combined(vector, rows, columns);
        }

        /** The product of each stored row with the vector. */
        private double[] dots(double[] vector, int storedRows, int length) {
            double[] product = new double[storedRows];
            for (int i = 0; i < storedRows; i++) {
                double sum = 0;
                for (int j = 0; j < length; j++) {
                    sum += elements[first + i * length + j] * vector[j];
                }
                product[i] = sum;
            }
            return product;
        }

        /** The sum of the stored rows, each times an element of the vector. */
        private double[] combined(double[] vector, int storedRows, int length) {
            double[] product = new double[length];
            for (int i = 0; i < storedRows; i++) {
                for (int j = 0; j < length; j++) {
                    product[j] += vector[i] * elements[first + i * length + j];
                }
            }
            return product;
        }
    }

    private static double[] scaled(double[] vector, double factor) {
        double[] product = new double[vector.length];
        for (int i = 0; i < product.length; i++) {
            product[i] = factor * vector[i];
        }
        return product;
    }

    private static double[] signs(Random random, int count) {
        double[] signs = new double[count];
        for (int i = 0; i < count; i++) {
            signs[i] = random.nextBoolean() ? 1 : -1;
        }
        return signs;
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
