package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelReference;
import dev.quern.runtime.HostTensor;
import java.util.List;

/** Softmax, cross-entropy and its gradient row by row, in double. */
final class CrossEntropyReference implements KernelReference<CrossEntropyProblem> {
    @Override
    public void compute(CrossEntropyProblem problem, List<HostTensor> operands) {
        HostTensor logits = operands.get(CrossEntropyProblem.LOGITS);
        HostTensor labels = operands.get(CrossEntropyProblem.LABELS);
        int rows = problem.rows();
        int classes = problem.classes();
        double smoothing = problem.labelSmoothing();
        double loss = 0;
        int kept = 0;
        for (int row = 0; row < rows; row++) {
            kept += labels.get(row) == CrossEntropyProblem.IGNORED ? 0 : 1;
        }
        for (int row = 0; row < rows; row++) {
            int label = (int) labels.get(row);
            if (label == CrossEntropyProblem.IGNORED) {
                for (int i = 0; i < classes && problem.withGradient(); i++) {
                    operands.get(CrossEntropyProblem.GRADIENT).set(row * classes + i, 0);
                }
                continue;
            }
            boolean known = label >= 0 && label < classes;
            double largest = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < classes; i++) {
                largest = Math.max(largest, logits.get(row * classes + i));
            }
            double sum = 0;
            for (int i = 0; i < classes; i++) {
                sum += Math.exp(logits.get(row * classes + i) - largest);
            }
            for (int i = 0; i < classes; i++) {
                double target = !known ? Double.NaN : (i == label ? 1 - smoothing : 0) + smoothing / classes;
                double logProbability = logits.get(row * classes + i) - largest - Math.log(sum);
                // A class without weight adds nothing, even where its logit is minus infinity.
                loss -= target == 0 ? 0 : target * logProbability;
                if (problem.withGradient()) {
                    operands.get(CrossEntropyProblem.GRADIENT).set(row * classes + i,
                            (Math.exp(logProbability) - target) / kept);
                }
            }
        }
        operands.get(CrossEntropyProblem.LOSS).set(0, loss / kept);
    }
}
