package dev.quern.kernels.normalize;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** Batch norm and its gradients channel by channel, in double. */
final class BatchNormReferences {
    private BatchNormReferences() {
    }

    static void forward(BatchNormProblem problem, List<HostTensor> tensors) {
        HostTensor x = problem.of("x", tensors);
        HostTensor y = problem.of("y", tensors);
        int count = problem.count();
        for (int c = 0; c < problem.channels(); c++) {
            double mean = 0;
            for (int i = 0; i < count; i++) {
                mean += x.get(at(problem, c, i)) / count;
            }
            double variance = 0;
            for (int i = 0; i < count; i++) {
                double d = x.get(at(problem, c, i)) - mean;
                variance += d * d / count;
            }
            double rstd = 1 / Math.sqrt(variance + problem.epsilon());
            double weight = problem.affine().weight() ? problem.of("weight", tensors).get(c) : 1;
            double bias = problem.affine().bias() ? problem.of("bias", tensors).get(c) : 0;
            for (int i = 0; i < count; i++) {
                y.set(at(problem, c, i), (x.get(at(problem, c, i)) - mean) * rstd * weight + bias);
            }
            problem.of("mean", tensors).set(c, mean);
            problem.of("rstd", tensors).set(c, rstd);
            if (problem.running()) {
                double m = problem.momentum();
                double unbiased = variance * count / (count - 1);
                problem.of("new_running_mean", tensors).set(c,
                        (1 - m) * problem.of("running_mean", tensors).get(c) + m * mean);
                problem.of("new_running_var", tensors).set(c,
                        (1 - m) * problem.of("running_var", tensors).get(c) + m * unbiased);
            }
        }
    }

    static void backward(BatchNormBackwardProblem problem, List<HostTensor> tensors) {
        HostTensor dy = problem.of("dy", tensors);
        HostTensor x = problem.of("x", tensors);
        HostTensor dx = problem.of("dx", tensors);
        int count = problem.count();
        for (int c = 0; c < problem.channels(); c++) {
            double mean = problem.of("mean", tensors).get(c);
            double rstd = problem.of("rstd", tensors).get(c);
            double weight = problem.affine().weight() ? problem.of("weight", tensors).get(c) : 1;
            double dweight = 0;
            double dbias = 0;
            for (int i = 0; i < count; i++) {
                int at = at(problem, c, i);
                dbias += dy.get(at);
                dweight += dy.get(at) * (x.get(at) - mean) * rstd;
            }
            for (int i = 0; i < count; i++) {
                int at = at(problem, c, i);
                double normal = (x.get(at) - mean) * rstd;
                dx.set(at, weight * rstd * (dy.get(at) - dbias / count - normal * dweight / count));
            }
            if (problem.affine().weight()) {
                problem.of("dweight", tensors).set(c, dweight);
            }
            if (problem.affine().bias()) {
                problem.of("dbias", tensors).set(c, dbias);
            }
        }
    }

    /** Where element {@code i} of a channel lies. */
    private static int at(NormProblem problem, int channel, int i) {
        return (i / problem.inner() * problem.channels() + channel) * problem.inner() + i % problem.inner();
    }
}
