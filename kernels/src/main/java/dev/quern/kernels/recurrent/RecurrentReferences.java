package dev.quern.kernels.recurrent;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** Recurrent layers and their gradients step by step, row by row, in double. */
final class RecurrentReferences {
    private final RecurrentProblem problem;
    private final RecurrentGeometry g;
    private final List<HostTensor> operands;
    private final int hidden;
    private final int rows;
    private final double[] biasIh;
    private final double[] biasHh;
    private final double[] weightIh;
    private final double[] weightHh;

    private RecurrentReferences(RecurrentProblem problem, List<HostTensor> operands) {
        this.problem = problem;
        this.g = problem.geometry();
        this.operands = operands;
        this.hidden = g.hidden();
        this.rows = g.gateRows();
        this.biasIh = new double[rows];
        this.biasHh = new double[rows];
        this.weightIh = new double[rows * problem.features()];
        this.weightHh = new double[problem.features() > 0 ? rows * hidden : 0];
    }

    static void forward(RecurrentForwardProblem problem, List<HostTensor> operands) {
        RecurrentReferences reference = new RecurrentReferences(problem, operands);
        for (int row = 0; row < problem.geometry().batch(); row++) {
            reference.forwardRow(row, problem.training());
        }
    }

    static void backward(RecurrentBackwardProblem problem, List<HostTensor> operands) {
        RecurrentReferences reference = new RecurrentReferences(problem, operands);
        for (int row = 0; row < problem.geometry().batch(); row++) {
            reference.backwardRow(row);
        }
        reference.storeSums();
    }

    private void forwardRow(int row, boolean training) {
        double[] h = g.initial() ? load("h0", (long) row * hidden, hidden) : new double[hidden];
        double[] c = g.initial() && g.lstm() ? load("c0", (long) row * hidden, hidden) : new double[hidden];
        for (int s = 0; s < g.steps(); s++) {
            int t = g.time(s);
            long at = (long) t * g.batch() + row;
            if (training) {
                store("previous_h", at * hidden, h);
            }
            if (training && g.lstm()) {
                store("previous_c", at * hidden, c);
            }
            double[] saved = new double[g.cell().saved() * hidden];
            if (live(row, t)) {
                double[] pre = problem.features() > 0
                        ? products("weight_ih", load("x", at * problem.features(), problem.features())) : load("pre", at * rows, rows);
                double[] sums = products("weight_hh", h);
                for (int j = 0; g.bias() && j < rows; j++) {
                    pre[j] += tensor("bias_ih").get(j);
                    sums[j] += tensor("bias_hh").get(j);
                }
                cell(pre, sums, h, c, saved);
                store("y", at * hidden, h);
            } else {
                store("y", at * hidden, new double[hidden]);
            }
            if (training) {
                store("gates", at * saved.length, saved);
            }
        }
        store("hn", (long) row * hidden, h);
        if (g.lstm()) {
            store("cn", (long) row * hidden, c);
        }
    }

    /** A matrix of so many rows as gates have, times a vector. */
    private double[] products(String matrix, double[] vector) {
        HostTensor weight = tensor(matrix);
        double[] sums = new double[rows];
        for (int j = 0; j < rows; j++) {
            for (int k = 0; k < vector.length; k++) {
                sums[j] += weight.get((long) j * vector.length + k) * vector[k];
            }
        }
        return sums;
    }

    private void cell(double[] x, double[] u, double[] h, double[] c, double[] saved) {
        for (int k = 0; k < hidden; k++) {
            int second = hidden + k;
            int third = 2 * hidden + k;
            int fourth = 3 * hidden + k;
            switch (g.cell()) {
                case LSTM -> {
                    double i = sigmoid(x[k] + u[k]);
                    double f = sigmoid(x[second] + u[second]);
                    double n = Math.tanh(x[third] + u[third]);
                    double o = sigmoid(x[fourth] + u[fourth]);
                    c[k] = f * c[k] + i * n;
                    h[k] = o * Math.tanh(c[k]);
                    put(saved, k, i, f, n, o);
                }
                case GRU -> {
                    double r = sigmoid(x[k] + u[k]);
                    double z = sigmoid(x[second] + u[second]);
                    double share = u[third];
                    double n = Math.tanh(x[third] + r * share);
                    h[k] = (1 - z) * n + z * h[k];
                    put(saved, k, r, z, n, share);
                }
                case RNN -> {
                    h[k] = Math.tanh(x[k] + u[k]);
                    put(saved, k, h[k]);
                }
            }
        }
    }

    private void storeSums() {
        if (g.bias()) {
            store("dbias_ih", 0, biasIh);
        }
        if (problem.has("dbias_hh")) {
            store("dbias_hh", 0, biasHh);
        }
        if (problem.features() > 0) {
            store("dweight_ih", 0, weightIh);
            store("dweight_hh", 0, weightHh);
        }
    }

    private void backwardRow(int row) {
        double[] dh = problem.has("dhn") ? load("dhn", (long) row * hidden, hidden) : new double[hidden];
        double[] dc = problem.has("dcn") ? load("dcn", (long) row * hidden, hidden) : new double[hidden];
        for (int s = g.steps() - 1; s >= 0; s--) {
            int t = g.time(s);
            long at = (long) t * g.batch() + row;
            double[] dpre = new double[rows];
            double[] dhidden = new double[rows];
            if (live(row, t)) {
                double[] dy = problem.has("dy") ? load("dy", at * hidden, hidden) : new double[hidden];
                for (int k = 0; k < hidden; k++) {
                    dh[k] += dy[k];
                }
                cellGradient(at, dh, dc, dpre, dhidden);
                HostTensor weight = tensor("weight_hh");
                for (int j = 0; j < rows; j++) {
                    biasIh[j] += dpre[j];
                    biasHh[j] += dhidden[j];
                    for (int k = 0; k < hidden; k++) {
                        dh[k] += dhidden[j] * weight.get((long) j * hidden + k);
                    }
                }
            }
            if (problem.features() > 0) {
                productGradients(at, dpre, dhidden);
            } else {
                store("dpre", at * rows, dpre);
            }
            if (problem.has("dhidden")) {
                store("dhidden", at * rows, dhidden);
            }
        }
        if (g.initial()) {
            store("dh0", (long) row * hidden, dh);
        }
        if (g.initial() && g.lstm()) {
            store("dc0", (long) row * hidden, dc);
        }
    }

    /** Adds a row's part of a step to the weights' gradients, and stores the input's. */
    private void productGradients(long at, double[] dpre, double[] dhidden) {
        int features = problem.features();
        addOuter(weightIh, dpre, load("x", at * features, features));
        addOuter(weightHh, dhidden, load("previous_h", at * hidden, hidden));
        if (problem.has("dx")) {
            double[] dx = new double[features];
            for (int j = 0; j < rows; j++) {
                for (int k = 0; k < features; k++) {
                    dx[k] += dpre[j] * tensor("weight_ih").get((long) j * features + k);
                }
            }
            store("dx", at * features, dx);
        }
    }

    private static void addOuter(double[] sums, double[] column, double[] row) {
        for (int j = 0; j < column.length; j++) {
            for (int k = 0; k < row.length; k++) {
                sums[j * row.length + k] += column[j] * row[k];
            }
        }
    }

    /** Turns the gradients of a step's states into those of its sums, and leaves in dh and dc what bypasses the sums. */
    private void cellGradient(long at, double[] dh, double[] dc, double[] dpre, double[] dhidden) {
        double[] saved = load("gates", at * g.cell().saved() * hidden, g.cell().saved() * hidden);
        for (int k = 0; k < hidden; k++) {
            switch (g.cell()) {
                case LSTM -> {
                    double i = saved[k];
                    double f = saved[hidden + k];
                    double n = saved[2 * hidden + k];
                    double o = saved[3 * hidden + k];
                    double before = tensor("previous_c").get(at * hidden + k);
                    double squashed = Math.tanh(f * before + i * n);
                    dc[k] += dh[k] * o * (1 - squashed * squashed);
                    put(dpre, k, dc[k] * n * i * (1 - i), dc[k] * before * f * (1 - f), dc[k] * i * (1 - n * n),
                            dh[k] * squashed * o * (1 - o));
                    dc[k] *= f;
                    dh[k] = 0;
                }
                case GRU -> {
                    double r = saved[k];
                    double z = saved[hidden + k];
                    double n = saved[2 * hidden + k];
                    double share = saved[3 * hidden + k];
                    double before = tensor("previous_h").get(at * hidden + k);
                    double dn = dh[k] * (1 - z) * (1 - n * n);
                    double dr = dn * share * r * (1 - r);
                    double dz = dh[k] * (before - n) * z * (1 - z);
                    put(dpre, k, dr, dz, dn);
                    put(dhidden, k, dr, dz, dn * r);
                    dh[k] *= z;
                }
                case RNN -> {
                    dpre[k] = dh[k] * (1 - saved[k] * saved[k]);
                    dh[k] = 0;
                }
            }
        }
        if (!g.gru()) {
            System.arraycopy(dpre, 0, dhidden, 0, dpre.length);
        }
    }

    private boolean live(int row, int t) {
        return !g.lengths() || t < tensor("lengths").get(row);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Sets a unit's values, one a gate. */
    private void put(double[] gates, int unit, double... values) {
        for (int gate = 0; gate < values.length; gate++) {
            gates[gate * hidden + unit] = values[gate];
        }
    }

    private HostTensor tensor(String name) {
        return operands.get(problem.position(name));
    }

    private double[] load(String name, long at, int count) {
        HostTensor tensor = tensor(name);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = tensor.get(at + i);
        }
        return values;
    }

    private void store(String name, long at, double[] values) {
        HostTensor tensor = tensor(name);
        for (int i = 0; i < values.length; i++) {
            tensor.set(at + i, values[i]);
        }
    }
}
