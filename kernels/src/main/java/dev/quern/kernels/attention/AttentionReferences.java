package dev.quern.kernels.attention;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** Attention and its gradients query by query, with whole rows of scores, in double. */
final class AttentionReferences {
    private AttentionReferences() {
    }

    /** The scores of one query: minus infinity where a key is hidden. */
    private static double[] scores(AttentionGeometry g, double[] q, double[] k, List<HostTensor> masks, int head, int query) {
        int length = g.keyLengths() ? (int) masks.getFirst().get(head / g.heads()) : g.keys();
        boolean known = length >= 0 && length <= g.keys();
        double[] scores = new double[g.keys()];
        for (int key = 0; key < g.keys(); key++) {
            double sum = 0;
            for (int d = 0; d < g.dim(); d++) {
                sum += q[(head * g.queries() + query) * g.dim() + d] * k[(head * g.keys() + key) * g.dim() + d];
            }
            boolean hidden = g.causal() && key > query || known && key >= length;
            double added = g.mask() ? masks.getLast().get((long) query * g.keys() + key) : 0;
            scores[key] = hidden ? Double.NEGATIVE_INFINITY : known ? g.scale() * sum + added : Double.NaN;
        }
        return scores;
    }

    static void forward(AttentionForwardProblem problem, List<HostTensor> operands) {
        AttentionGeometry g = problem.geometry();
        int masks = g.maskOperands().size();
        HostTensor o = operands.get(3 + masks);
        double[] q = doubles(operands.get(AttentionForwardProblem.Q));
        double[] k = doubles(operands.get(AttentionForwardProblem.K));
        double[] v = doubles(operands.get(AttentionForwardProblem.V));
        for (int head = 0; head < g.allHeads(); head++) {
            for (int query = 0; query < g.queries(); query++) {
                double[] scores = scores(g, q, k, operands.subList(3, 3 + masks), head, query);
                double lse = logSumExp(scores);
                double[] sums = new double[g.valueDim()];
                for (int key = 0; key < g.keys(); key++) {
                    double p = probability(scores[key], lse);
                    for (int d = 0; d < g.valueDim(); d++) {
                        sums[d] += p * v[(head * g.keys() + key) * g.valueDim() + d];
                    }
                }
                for (int d = 0; d < g.valueDim(); d++) {
                    o.set(((long) head * g.queries() + query) * g.valueDim() + d, sums[d]);
                }
                if (problem.withLogSumExp()) {
                    operands.getLast().set((long) head * g.queries() + query, lse);
                }
            }
        }
    }

    private static double logSumExp(double[] scores) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double score : scores) {
            largest = Math.max(largest, score);
        }
        if (largest == Double.NEGATIVE_INFINITY) {
            return largest;
        }
        double sum = 0;
        for (double score : scores) {
            sum += Math.exp(score - largest);
        }
        return largest + Math.log(sum);
    }

    private static double probability(double score, double lse) {
        return score == Double.NEGATIVE_INFINITY ? 0 : Math.exp(score - lse);
    }

    static void backward(AttentionBackwardProblem problem, List<HostTensor> operands) {
        AttentionGeometry g = problem.geometry();
        int result = problem.result();
        double[] dOut = doubles(operands.get(AttentionBackwardProblem.DO));
        double[] q = doubles(operands.get(AttentionBackwardProblem.Q));
        double[] k = doubles(operands.get(AttentionBackwardProblem.K));
        double[] v = doubles(operands.get(AttentionBackwardProblem.V));
        double[] o = doubles(operands.get(result));
        double[] dq = new double[q.length];
        double[] dk = new double[k.length];
        double[] dv = new double[v.length];
        for (int head = 0; head < g.allHeads(); head++) {
            for (int query = 0; query < g.queries(); query++) {
                int row = head * g.queries() + query;
                double[] scores = scores(g, q, k, operands.subList(4, result), head, query);
                double lse = operands.get(result + 1).get(row);
                double delta = 0;
                for (int d = 0; d < g.valueDim(); d++) {
                    delta += dOut[row * g.valueDim() + d] * o[row * g.valueDim() + d];
                }
                for (int key = 0; key < g.keys(); key++) {
                    if (scores[key] == Double.NEGATIVE_INFINITY) {
                        continue;
                    }
                    double p = probability(scores[key], lse);
                    int at = head * g.keys() + key;
                    double dp = 0;
                    for (int d = 0; d < g.valueDim(); d++) {
                        dp += dOut[row * g.valueDim() + d] * v[at * g.valueDim() + d];
                        dv[at * g.valueDim() + d] += p * dOut[row * g.valueDim() + d];
                    }
                    double ds = g.scale() * p * (dp - delta);
                    for (int d = 0; d < g.dim(); d++) {
                        dq[row * g.dim() + d] += ds * k[at * g.dim() + d];
                        dk[at * g.dim() + d] += ds * q[row * g.dim() + d];
                    }
                }
            }
        }
        store(dq, operands.get(result + 2));
        store(dk, operands.get(result + 3));
        store(dv, operands.get(result + 4));
    }

    private static double[] doubles(HostTensor tensor) {
        double[] all = new double[Math.toIntExact(tensor.shape().elements())];
        for (int i = 0; i < all.length; i++) {
            all[i] = tensor.get(i);
        }
        return all;
    }

    private static void store(double[] from, HostTensor to) {
        for (int i = 0; i < from.length; i++) {
            to.set(i, from[i]);
        }
    }
}
