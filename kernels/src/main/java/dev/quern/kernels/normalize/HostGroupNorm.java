package dev.quern.kernels.normalize;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.util.Arrays;
import java.util.Map;
import java.util.List;

/** The host device's rung of group norm and its gradients: a group takes a run of rows in arrays of its thread. */
final class HostGroupNorm<P extends GroupedProblem> implements Variant<P> {
    private static final int GROUPS_PER_CORE = 4;
    private static final int LEAST_ELEMENTS = 8 * 1024;
    /** Sums are kept in this many lanes, so that the JIT can make vectors of them. */
    private static final int LANES = 64;

    /** Arrays of a thread, as long as a row, or as all channels. */
    private record Scratch(float[] x, float[] dy, float[] weight, float[] bias, double[] sums, double[] more, double[] ofBias,
            double[] ofWeight) {
        static Scratch of(GroupedProblem problem) {
            int row = problem.row();
            return new Scratch(new float[row], new float[row], new float[problem.channels()], new float[problem.channels()],
                    new double[LANES], new double[LANES], new double[problem.channels()], new double[problem.channels()]);
        }
    }

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
        return "A group copies each of its rows into arrays of its thread, works on them in plain loops and copies the result back; "
                + "groups run in parallel, and their shares of the parameters' gradients are added up behind.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int least = Math.ceilDiv(LEAST_ELEMENTS, problem.row());
        int perGroup = Math.max(least, Math.ceilDiv(problem.rows(), GROUPS_PER_CORE * device.computeUnits()));
        int groups = Math.ceilDiv(problem.rows(), perGroup);
        HostEpilogue finish = new HostEpilogue(epilogue);
        ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(() -> Scratch.of(problem));
        int operands = problem.operands().size();
        return switch ((GroupedProblem) problem) {
            case GroupNormProblem forward -> KernelPlan.of(new PlannedLaunch("rows",
                    HostCode.of("group-norm/host_rows", "rows", (arguments, group) -> {
                        Scratch own = scratch.get();
                        parameter(forward, "weight", forward.affine().weight(), 1, arguments, own.weight);
                        parameter(forward, "bias", forward.affine().bias(), 0, arguments, own.bias);
                        int first = (int) group * perGroup;
                        for (int row = first; row < Math.min(first + perGroup, forward.rows()); row++) {
                            forward(forward, row, arguments, own, finish, operands);
                        }
                    }), "rows", Grid.ofTiles(groups), Reference.withEpilogue(NormText.arguments(problem), epilogue)));
            case GroupNormBackwardProblem backward -> {
                HostCode code = new HostCode("group-norm-backward/host_rows", Map.of("rows", (arguments, group) -> {
                    Scratch own = scratch.get();
                    parameter(backward, "weight", backward.affine().weight(), 1, arguments, own.weight);
                    Arrays.fill(own.ofBias, 0);
                    Arrays.fill(own.ofWeight, 0);
                    int first = (int) group * perGroup;
                    for (int row = first; row < Math.min(first + perGroup, backward.rows()); row++) {
                        backward(backward, row, arguments, own, finish, operands + 1);
                    }
                    for (int c = 0; c < backward.channels(); c++) {
                        long at = 2 * group * backward.channels() + c;
                        HostStorage.store(arguments.memory(operands), DType.F32, at, (float) own.ofBias[c]);
                        HostStorage.store(arguments.memory(operands), DType.F32, at + backward.channels(),
                                (float) own.ofWeight[c]);
                    }
                }, "join", (arguments, group) -> join(backward, arguments, operands, groups)));
                Reference partial = Reference.workspace(0);
                PlannedLaunch rows = new PlannedLaunch("rows", code, "rows", Grid.ofTiles(groups),
                        Reference.withEpilogue(NormText.arguments(problem, partial), epilogue));
                PlannedLaunch join = new PlannedLaunch("join", code, "join", Grid.ofTiles(1),
                        NormText.arguments(problem, partial));
                yield new KernelPlan(backward.affine().weight() ? List.of(rows, join) : List.of(rows),
                        List.of(2L * groups * problem.channels() * Float.BYTES));
            }
        };
    }

    private static void parameter(GroupedProblem problem, String name, boolean exists, float otherwise, HostArguments arguments,
            float[] to) {
        if (exists) {
            HostStorage.load(arguments.memory(problem.at(name)), DType.F32, 0, to, 0, to.length);
        } else {
            Arrays.fill(to, otherwise);
        }
    }

    private static double total(double[] lanes) {
        double sum = 0;
        for (double lane : lanes) {
            sum += lane;
        }
        return sum;
    }

    private static void forward(GroupNormProblem problem, int row, HostArguments arguments, Scratch s, HostEpilogue finish,
            int operands) {
        int length = problem.row();
        float[] x = s.x;
        HostStorage.load(arguments.memory(0), problem.dtype(), (long) row * length, x, 0, length);
        double mean = 0;
        if (problem.centred()) {
            Arrays.fill(s.sums, 0);
            for (int first = 0; first < length; first += LANES) {
                for (int i = 0; i < Math.min(LANES, length - first); i++) {
                    s.sums[i] += x[first + i];
                }
            }
            mean = total(s.sums) / length;
            HostStorage.store(arguments.memory(problem.at("mean")), DType.F32, row, (float) mean);
        }
        Arrays.fill(s.sums, 0);
        for (int first = 0; first < length; first += LANES) {
            for (int i = 0; i < Math.min(LANES, length - first); i++) {
                double d = x[first + i] - mean;
                s.sums[i] += d * d;
            }
        }
        float rstd = (float) (1 / Math.sqrt(total(s.sums) / length + problem.epsilon()));
        HostStorage.store(arguments.memory(problem.at("rstd")), DType.F32, row, rstd);
        float middle = (float) mean;
        float rest = (float) (mean - middle);
        int channel = row % problem.groups() * problem.perGroup();
        int inner = problem.inner();
        if (inner == 1) {
            for (int i = 0; i < length; i++) {
                x[i] = (x[i] - middle - rest) * rstd * s.weight[channel + i] + s.bias[channel + i];
            }
        } else {
            for (int k = 0; k < problem.perGroup(); k++) {
                float scale = rstd * s.weight[channel + k];
                float bias = s.bias[channel + k];
                for (int i = k * inner; i < (k + 1) * inner; i++) {
                    x[i] = (x[i] - middle - rest) * scale + bias;
                }
            }
        }
        finish.apply(x, 0, length, (long) row * length, arguments, operands);
        HostStorage.store(arguments.memory(problem.at("y")), problem.dtype(), (long) row * length, x, 0, length);
    }

    private static void backward(GroupNormBackwardProblem problem, int row, HostArguments arguments, Scratch s,
            HostEpilogue finish, int operands) {
        int length = problem.row();
        float[] x = s.x;
        float[] dy = s.dy;
        HostStorage.load(arguments.memory(0), problem.dtype(), (long) row * length, dy, 0, length);
        HostStorage.load(arguments.memory(1), problem.dtype(), (long) row * length, x, 0, length);
        float mean = problem.centred() ? HostStorage.load(arguments.memory(problem.at("mean")), DType.F32, row) : 0;
        float rstd = HostStorage.load(arguments.memory(problem.at("rstd")), DType.F32, row);
        int channel = row % problem.groups() * problem.perGroup();
        int inner = problem.inner();
        double gradients = 0;
        double products = 0;
        for (int k = 0; k < problem.perGroup(); k++) {
            float weight = s.weight[channel + k];
            double ofBias = 0;
            double ofWeight = 0;
            for (int i = k * inner; i < (k + 1) * inner; i++) {
                float normal = (x[i] - mean) * rstd;
                x[i] = normal;
                ofBias += dy[i];
                ofWeight += dy[i] * normal;
                dy[i] *= weight;
            }
            s.ofBias[channel + k] += ofBias;
            s.ofWeight[channel + k] += ofWeight;
            gradients += weight * ofBias;
            products += weight * ofWeight;
        }
        float average = problem.centred() ? (float) (gradients / length) : 0;
        float slope = (float) (products / length);
        for (int i = 0; i < length; i++) {
            x[i] = (dy[i] - average - x[i] * slope) * rstd;
        }
        finish.apply(x, 0, length, (long) row * length, arguments, operands);
        HostStorage.store(arguments.memory(problem.at("dx")), problem.dtype(), (long) row * length, x, 0, length);
    }

    private static void join(GroupNormBackwardProblem problem, HostArguments arguments, int partial, int groups) {
        int channels = problem.channels();
        for (int c = 0; c < channels; c++) {
            double ofBias = 0;
            double ofWeight = 0;
            for (int group = 0; group < groups; group++) {
                ofBias += HostStorage.load(arguments.memory(partial), DType.F32, 2L * group * channels + c);
                ofWeight += HostStorage.load(arguments.memory(partial), DType.F32, (2L * group + 1) * channels + c);
            }
            HostStorage.store(arguments.memory(problem.at("dweight")), DType.F32, c, (float) ofWeight);
            if (problem.affine().bias()) {
                HostStorage.store(arguments.memory(problem.at("dbias")), DType.F32, c, (float) ofBias);
            }
        }
    }
}
