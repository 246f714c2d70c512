package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.util.Arrays;

/** The host device's rung of the forward pass: a group takes a few rows through all steps. */
final class HostForward implements Variant<RecurrentForwardProblem> {
    @Override
    public String name() {
        return "host_rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group copies the weights into arrays of its thread, a row for each hidden unit that is multiplied by them, and "
                + "takes a few rows of the batch through all steps in plain loops; groups run in parallel.";
    }

    @Override
    public Support supports(RecurrentForwardProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(RecurrentForwardProblem problem, DeviceInfo device) {
        return 0.2;
    }

    @Override
    public KernelPlan plan(RecurrentForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int groups = Math.min(device.computeUnits(), problem.geometry().batch());
        int perGroup = Math.ceilDiv(problem.geometry().batch(), groups);
        HostCode code = HostCode.of("recurrent-forward/host_rows", "rows", (arguments, group) -> {
            Rows rows = new Rows(problem, arguments);
            int first = (int) group * perGroup;
            for (int row = first; row < Math.min(first + perGroup, problem.geometry().batch()); row++) {
                rows.run(row);
            }
        });
        return KernelPlan.of(new PlannedLaunch("rows", code, "rows",
                Grid.ofTiles(Math.ceilDiv(problem.geometry().batch(), perGroup)), RecurrentText.arguments(problem)));
    }

    /** What a group works with: one row at a time. */
    private static final class Rows {
        private final RecurrentGeometry g;
        private final boolean training;
        private final HostTensors tensors;
        private final int hidden;
        private final float[][] weights;
        private final float[] biasIh;
        private final float[] biasHh;
        private final float[] x;
        private final float[] u;
        private final float[] saved;
        private final float[] h;
        private final float[] c;

        Rows(RecurrentForwardProblem problem, HostArguments arguments) {
            this.g = problem.geometry();
            this.training = problem.training();
            this.tensors = new HostTensors(problem, arguments);
            this.hidden = g.hidden();
            this.weights = new float[hidden][g.gateRows()];
            float[] line = new float[hidden];
            for (int j = 0; j < g.gateRows(); j++) {
                tensors.load("weight_hh", (long) j * hidden, line);
                for (int k = 0; k < hidden; k++) {
                    weights[k][j] = line[k];
                }
            }
            this.biasIh = new float[g.gateRows()];
            this.biasHh = new float[g.gateRows()];
            if (g.bias()) {
                tensors.load("bias_ih", 0, biasIh);
                tensors.load("bias_hh", 0, biasHh);
            }
            this.x = new float[g.gateRows()];
            this.u = new float[g.gateRows()];
            this.saved = new float[g.cell().saved() * hidden];
            this.h = new float[hidden];
            this.c = new float[hidden];
        }

        void run(int row) {
            Arrays.fill(h, 0);
            Arrays.fill(c, 0);
            if (g.initial()) {
                tensors.load("h0", (long) row * hidden, h);
            }
            if (g.initial() && g.lstm()) {
                tensors.load("c0", (long) row * hidden, c);
            }
            for (int s = 0; s < g.steps(); s++) {
                step(row, g.time(s));
            }
            tensors.store("hn", (long) row * hidden, h);
            if (g.lstm()) {
                tensors.store("cn", (long) row * hidden, c);
            }
        }

        private void step(int row, int t) {
            long at = (long) t * g.batch() + row;
            if (training) {
                tensors.store("previous_h", at * hidden, h);
            }
            if (training && g.lstm()) {
                tensors.store("previous_c", at * hidden, c);
            }
            if (tensors.live(row, t)) {
                tensors.load("pre", at * x.length, x);
                for (int j = 0; j < x.length; j++) {
                    x[j] += biasIh[j];
                }
                System.arraycopy(biasHh, 0, u, 0, u.length);
                HostTensors.addProducts(u, h, weights);
                cell();
                tensors.store("y", at * hidden, h);
            } else {
                Arrays.fill(saved, 0);
                tensors.store("y", at * hidden, new float[hidden]);
            }
            if (training) {
                tensors.store("gates", at * saved.length, saved);
            }
        }

        private void cell() {
            for (int k = 0; k < hidden; k++) {
                int second = hidden + k;
                int third = 2 * hidden + k;
                int fourth = 3 * hidden + k;
                switch (g.cell()) {
                    case LSTM -> {
                        saved[k] = sigmoid(x[k] + u[k]);
                        saved[second] = sigmoid(x[second] + u[second]);
                        saved[third] = (float) Math.tanh(x[third] + u[third]);
                        saved[fourth] = sigmoid(x[fourth] + u[fourth]);
                        c[k] = saved[second] * c[k] + saved[k] * saved[third];
                        h[k] = saved[fourth] * (float) Math.tanh(c[k]);
                    }
                    case GRU -> {
                        saved[k] = sigmoid(x[k] + u[k]);
                        saved[second] = sigmoid(x[second] + u[second]);
                        saved[third] = (float) Math.tanh(x[third] + saved[k] * u[third]);
                        saved[fourth] = u[third];
                        h[k] = saved[third] + saved[second] * (h[k] - saved[third]);
                    }
                    case RNN -> {
                        h[k] = (float) Math.tanh(x[k] + u[k]);
                        saved[k] = h[k];
                    }
                }
            }
        }

        private static float sigmoid(float x) {
            return (float) (1 / (1 + Math.exp(-x)));
        }
    }
}
