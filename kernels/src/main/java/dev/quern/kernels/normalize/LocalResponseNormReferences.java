package dev.quern.kernels.normalize;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** Local response norm and its gradient element by element, in double. */
final class LocalResponseNormReferences {
    private LocalResponseNormReferences() {
    }

    static void forward(LocalResponseNormProblem problem, List<HostTensor> tensors) {
        HostTensor x = problem.of("x", tensors);
        HostTensor y = problem.of("y", tensors);
        for (int element = 0; element < problem.elements(); element++) {
            y.set(element, x.get(element) * Math.pow(scale(problem, x, element), -problem.response().beta()));
        }
    }

    static void backward(LocalResponseNormBackwardProblem problem, List<HostTensor> tensors) {
        HostTensor x = problem.of("x", tensors);
        HostTensor dy = problem.of("dy", tensors);
        HostTensor dx = problem.of("dx", tensors);
        LocalResponse response = problem.response();
        for (int element = 0; element < problem.elements(); element++) {
            int channel = channel(problem, element);
            double sum = 0;
            // The channels that have this one among their neighbours lie the other way around.
            for (int c = Math.max(0, channel - response.behind());
                    c <= Math.min(problem.channels() - 1, channel + response.before()); c++) {
                int other = element + (c - channel) * problem.inner();
                sum += dy.get(other) * x.get(other) * Math.pow(scale(problem, x, other), -response.beta() - 1);
            }
            double direct = dy.get(element) * Math.pow(scale(problem, x, element), -response.beta());
            dx.set(element, direct - 2.0 * response.alpha() * response.beta() / response.size()
                    * x.get(element) * sum);
        }
    }

    private static int channel(NormProblem problem, int element) {
        return element / problem.inner() % problem.channels();
    }

    private static double scale(ResponseProblem problem, HostTensor x, int element) {
        LocalResponse response = problem.response();
        int channel = channel(problem, element);
        double squares = 0;
        for (int c = Math.max(0, channel - response.before());
                c <= Math.min(problem.channels() - 1, channel + response.behind()); c++) {
            double neighbour = x.get(element + (c - channel) * problem.inner());
            squares += neighbour * neighbour;
        }
        return response.k() + response.alpha() / (double) response.size() * squares;
    }
}
