package dev.quern.kernels.normalize;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** Group norm and its gradients row by row, in double. */
final class GroupNormReferences {
    private GroupNormReferences() {
    }

    static void forward(GroupNormProblem problem, List<HostTensor> tensors) {
        HostTensor x = problem.of("x", tensors);
        HostTensor y = problem.of("y", tensors);
        double[] weights = perChannel(problem, "weight", problem.affine().weight(), 1, tensors);
        double[] biases = perChannel(problem, "bias", problem.affine().bias(), 0, tensors);
        int length = problem.row();
        for (int row = 0; row < problem.rows(); row++) {
            int first = row * length;
            double mean = 0;
            for (int i = 0; i < length && problem.centred(); i++) {
                mean += x.get(first + i) / length;
            }
            double variance = 0;
            for (int i = 0; i < length; i++) {
                double d = x.get(first + i) - mean;
                variance += d * d / length;
            }
            double rstd = 1 / Math.sqrt(variance + problem.epsilon());
            for (int i = 0; i < length; i++) {
                int channel = channel(problem, row, i);
                y.set(first + i, (x.get(first + i) - mean) * rstd * weights[channel] + biases[channel]);
            }
            if (problem.centred()) {
                problem.of("mean", tensors).set(row, mean);
            }
            problem.of("rstd", tensors).set(row, rstd);
        }
    }

    static void backward(GroupNormBackwardProblem problem, List<HostTensor> tensors) {
        HostTensor dy = problem.of("dy", tensors);
        HostTensor x = problem.of("x", tensors);
        HostTensor dx = problem.of("dx", tensors);
        double[] weights = perChannel(problem, "weight", problem.affine().weight(), 1, tensors);
        int length = problem.row();
        double[] dweight = new double[problem.channels()];
        double[] dbias = new double[problem.channels()];
        for (int row = 0; row < problem.rows(); row++) {
            int first = row * length;
            double mean = problem.centred() ? problem.of("mean", tensors).get(row) : 0;
            double rstd = problem.of("rstd", tensors).get(row);
            double[] g = new double[length];
            double[] normal = new double[length];
            double gradients = 0;
            double products = 0;
            for (int i = 0; i < length; i++) {
                int channel = channel(problem, row, i);
                normal[i] = (x.get(first + i) - mean) * rstd;
                g[i] = dy.get(first + i) * weights[channel];
                gradients += problem.centred() ? g[i] / length : 0;
                products += g[i] * normal[i] / length;
                dweight[channel] += dy.get(first + i) * normal[i];
                dbias[channel] += dy.get(first + i);
            }
            for (int i = 0; i < length; i++) {
                dx.set(first + i, rstd * (g[i] - gradients - normal[i] * products));
            }
        }
        for (int c = 0; c < problem.channels(); c++) {
            if (problem.affine().weight()) {
                problem.of("dweight", tensors).set(c, dweight[c]);
            }
            if (problem.affine().bias()) {
                problem.of("dbias", tensors).set(c, dbias[c]);
            }
        }
    }

    /** A parameter's numbers, or the same number for each channel. */
    private static double[] perChannel(GroupedProblem problem, String name, boolean exists, double otherwise,
            List<HostTensor> tensors) {
        double[] numbers = new double[problem.channels()];
        for (int c = 0; c < numbers.length; c++) {
            numbers[c] = exists ? problem.of(name, tensors).get(c) : otherwise;
        }
        return numbers;
    }

    /** The channel of element {@code i} of a row. */
    private static int channel(GroupedProblem problem, int row, int i) {
        return row % problem.groups() * problem.perGroup() + i / problem.inner();
    }
}
