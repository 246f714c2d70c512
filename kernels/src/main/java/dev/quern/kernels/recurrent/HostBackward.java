package dev.quern.kernels.recurrent;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.HostKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The host device's rung of the backward pass: a group takes a few rows back through all steps. */
final class HostBackward implements Variant<RecurrentBackwardProblem> {
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
        return "A group copies the weights into arrays of its thread and takes a few rows of the batch back through all steps in "
                + "plain loops; groups run in parallel, and a second launch adds up the biases' gradients.";
    }

    @Override
    public Support supports(RecurrentBackwardProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(RecurrentBackwardProblem problem, DeviceInfo device) {
        return 0.2;
    }

    @Override
    public KernelPlan plan(RecurrentBackwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        RecurrentGeometry g = problem.geometry();
        int perGroup = Math.ceilDiv(g.batch(), Math.min(device.computeUnits(), g.batch()));
        int groups = Math.ceilDiv(g.batch(), perGroup);
        int partsAt = problem.operands().size();
        int width = 2 * g.gateRows();
        HostKernel rows = (arguments, group) -> {
            Rows some = new Rows(problem, arguments);
            int first = (int) group * perGroup;
            for (int row = first; row < Math.min(first + perGroup, g.batch()); row++) {
                some.run(row);
            }
            MemorySegment.copy(some.biases, 0, arguments.memory(partsAt), ValueLayout.JAVA_FLOAT, group * width * Float.BYTES,
                    width);
        };
        HostKernel addUp = (arguments, group) -> {
            HostTensors tensors = new HostTensors(problem, arguments);
            float[] sums = new float[width];
            for (int part = 0; part < groups; part++) {
                for (int j = 0; j < width; j++) {
                    sums[j] += arguments.memory(partsAt).getAtIndex(ValueLayout.JAVA_FLOAT, (long) part * width + j);
                }
            }
            tensors.store("dbias_ih", 0, Arrays.copyOf(sums, width / 2));
            if (g.gru()) {
                tensors.store("dbias_hh", 0, Arrays.copyOfRange(sums, width / 2, width));
            }
        };
        HostCode code = new HostCode("recurrent-backward/host_rows", Map.of("rows", rows, "add_up", addUp));
        List<Reference> arguments = RecurrentText.arguments(problem, Reference.workspace(0));
        List<PlannedLaunch> launches = new ArrayList<>();
        launches.add(new PlannedLaunch("rows", code, "rows", Grid.ofTiles(groups), arguments));
        if (g.bias()) {
            launches.add(new PlannedLaunch("add up biases", code, "add_up", Grid.ofTiles(1), arguments));
        }
        return new KernelPlan(launches, List.of((long) groups * width * Float.BYTES));
    }

    /** What a group works with: one row at a time. */
    private static final class Rows {
        private final RecurrentGeometry g;
        private final IncomingGradients incoming;
        private final HostTensors tensors;
        private final int hidden;
        private final int width;
        private final float[][] weights;
        /** The sums of dpre, then those of dhidden. */
        private final float[] biases;
        private final float[] dy;
        private final float[] saved;
        private final float[] before;
        private final float[] dpre;
        private final float[] dhidden;
        private final float[] dh;
        private final float[] dc;

        Rows(RecurrentBackwardProblem problem, HostArguments arguments) {
            this.g = problem.geometry();
            this.incoming = problem.incoming();
            this.tensors = new HostTensors(problem, arguments);
            this.hidden = g.hidden();
            this.width = g.gateRows();
            this.weights = new float[width][hidden];
            for (int j = 0; j < width; j++) {
                tensors.load("weight_hh", (long) j * hidden, weights[j]);
            }
            this.biases = new float[2 * width];
            this.dy = new float[hidden];
            this.saved = new float[g.cell().saved() * hidden];
            this.before = new float[hidden];
            this.dpre = new float[width];
            this.dhidden = new float[width];
            this.dh = new float[hidden];
            this.dc = new float[hidden];
        }

        void run(int row) {
            Arrays.fill(dh, 0);
            Arrays.fill(dc, 0);
            if (incoming.state()) {
                tensors.load("dhn", (long) row * hidden, dh);
            }
            if (incoming.cell()) {
                tensors.load("dcn", (long) row * hidden, dc);
            }
            for (int s = g.steps() - 1; s >= 0; s--) {
                step(row, g.time(s));
            }
            if (g.initial()) {
                tensors.store("dh0", (long) row * hidden, dh);
            }
            if (g.initial() && g.lstm()) {
                tensors.store("dc0", (long) row * hidden, dc);
            }
        }

        private void step(int row, int t) {
            long at = (long) t * g.batch() + row;
            if (tensors.live(row, t)) {
                if (incoming.sequence()) {
                    tensors.load("dy", at * hidden, dy);
                }
                tensors.load("gates", at * saved.length, saved);
                if (!g.cell().equals(RecurrentCell.RNN)) {
                    tensors.load(g.gru() ? "previous_h" : "previous_c", at * hidden, before);
                }
                for (int k = 0; k < hidden; k++) {
                    dh[k] += dy[k];
                    cellGradient(k);
                }
                for (int j = 0; j < width; j++) {
                    biases[j] += dpre[j];
                    biases[width + j] += dhidden[j];
                }
                HostTensors.addProducts(dh, dhidden, weights);
            } else {
                Arrays.fill(dpre, 0);
                Arrays.fill(dhidden, 0);
            }
            tensors.store("dpre", at * width, dpre);
            if (g.gru()) {
                tensors.store("dhidden", at * width, dhidden);
            }
        }

        private void cellGradient(int k) {
            int second = hidden + k;
            int third = 2 * hidden + k;
            int fourth = 3 * hidden + k;
            switch (g.cell()) {
                case LSTM -> {
                    float i = saved[k];
                    float f = saved[second];
                    float n = saved[third];
                    float o = saved[fourth];
                    float squashed = (float) Math.tanh(f * before[k] + i * n);
                    dc[k] += dh[k] * o * (1 - squashed * squashed);
                    dpre[k] = dc[k] * n * i * (1 - i);
                    dpre[second] = dc[k] * before[k] * f * (1 - f);
                    dpre[third] = dc[k] * i * (1 - n * n);
                    dpre[fourth] = dh[k] * squashed * o * (1 - o);
                    dc[k] *= f;
                    dh[k] = 0;
                    dhidden[k] = dpre[k];
                    dhidden[second] = dpre[second];
                    dhidden[third] = dpre[third];
                    dhidden[fourth] = dpre[fourth];
                }
                case GRU -> {
                    float r = saved[k];
                    float z = saved[second];
                    float n = saved[third];
                    dpre[third] = dh[k] * (1 - z) * (1 - n * n);
                    dpre[second] = dh[k] * (before[k] - n) * z * (1 - z);
                    dpre[k] = dpre[third] * saved[fourth] * r * (1 - r);
                    dhidden[k] = dpre[k];
                    dhidden[second] = dpre[second];
                    dhidden[third] = dpre[third] * r;
                    dh[k] *= z;
                }
                case RNN -> {
                    dpre[k] = dh[k] * (1 - saved[k] * saved[k]);
                    dhidden[k] = dpre[k];
                    dh[k] = 0;
                }
            }
        }
    }
}
