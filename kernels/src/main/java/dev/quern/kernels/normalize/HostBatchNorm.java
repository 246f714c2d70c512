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
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * The host device's rung of batch norm and its gradients. A group owns a channel, or where channels are neighbours in memory
 * a block of them; it goes over its elements piece by piece, lane by lane, in plain loops.
 */
final class HostBatchNorm<P extends NormProblem> implements Variant<P> {
    private static final int LANES = 512;

    /** What a group owns: pieces of neighbours, whose lanes belong to one channel or to a channel each. */
    private record Unit(NormProblem problem, int first, boolean columns) {
        static int count(NormProblem problem) {
            return problem.inner() == 1 ? Math.ceilDiv(problem.channels(), LANES) : problem.channels();
        }

        static Unit of(NormProblem problem, int number) {
            boolean columns = problem.inner() == 1;
            return new Unit(problem, columns ? number * LANES : number, columns);
        }

        int lanes() {
            return columns ? Math.min(LANES, problem.channels() - first) : Math.min(LANES, problem.inner());
        }

        int pieces() {
            return problem.batch() * (columns ? 1 : Math.ceilDiv(problem.inner(), LANES));
        }

        long at(int piece) {
            if (columns) {
                return (long) piece * problem.channels() + first;
            }
            int perRun = Math.ceilDiv(problem.inner(), LANES);
            return ((long) (piece / perRun) * problem.channels() + first) * problem.inner() + piece % perRun * LANES;
        }

        int length(int piece) {
            return columns ? lanes() : Math.min(LANES, problem.inner() - piece % Math.ceilDiv(problem.inner(), LANES) * LANES);
        }

        /** How many channels its lanes belong to. */
        int channels() {
            return columns ? lanes() : 1;
        }

        /** Makes every lane's sum that of its channel. */
        void join(double[] sums) {
            if (!columns) {
                double all = 0;
                for (int lane = 0; lane < lanes(); lane++) {
                    all += sums[lane];
                }
                Arrays.fill(sums, all);
            }
        }

        /** A number of each lane's channel. */
        void load(HostArguments arguments, int operand, float[] to) {
            HostStorage.load(arguments.memory(operand), DType.F32, first, to, 0, channels());
            if (!columns) {
                Arrays.fill(to, to[0]);
            }
        }

        /** Stores a number of each channel. */
        void store(HostArguments arguments, int operand, float[] from) {
            HostStorage.store(arguments.memory(operand), DType.F32, first, from, 0, channels());
        }
    }

    /** What is applied to dy as it is loaded, and the position of the first argument that it takes. */
    private record Before(HostEpilogue expression, int first) {
        static Before of(NormProblem problem, Prologues prologues, Epilogue epilogue) {
            Prologue prologue = prologues.byOperand().values().stream().findFirst().orElse(Prologue.none());
            return new Before(HostEpilogue.of(prologue), problem.operands().size() + epilogue.arguments());
        }

        void apply(float[] values, int count, long element, HostArguments arguments) {
            expression.apply(values, 0, count, element, arguments, first);
        }
    }

    /** Arrays of a thread, one element a lane. */
    private record Scratch(float[] x, float[] dy, float[] mean, float[] scale, float[] bias, float[] other, double[] sums,
            double[] more) {
        Scratch() {
            this(new float[LANES], new float[LANES], new float[LANES], new float[LANES], new float[LANES], new float[LANES],
                    new double[LANES], new double[LANES]);
        }
    }

    @Override
    public String name() {
        return "host_lanes";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group copies its channel piece by piece into arrays of its thread and works on them lane by lane, in plain loops "
                + "that the JIT turns into vector code; channels run in parallel.";
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
    public Support takes(Prologue prologue, int operand, P problem) {
        return NormText.takes(prologue, operand, problem, OptionalLong.empty());
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        HostEpilogue finish = new HostEpilogue(epilogue);
        Before before = Before.of(problem, prologues, epilogue);
        ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);
        HostCode code = HostCode.of(problem.family() + "/host_lanes", "channels", (arguments, group) -> {
            Unit unit = Unit.of(problem, (int) group);
            switch ((NormProblem) problem) {
                case BatchNormProblem forward -> forward(forward, unit, arguments, scratch.get(), finish);
                case BatchNormBackwardProblem backward -> backward(backward, unit, arguments, scratch.get(), before, finish);
                default -> throw new IllegalArgumentException(problem.key());
            }
        });
        return KernelPlan.of(new PlannedLaunch("channels", code, "channels", Grid.ofTiles(Unit.count(problem)),
                NormText.withRiders(NormText.arguments(problem), prologues, epilogue)));
    }

    private static void forward(BatchNormProblem problem, Unit unit, HostArguments arguments, Scratch s, HostEpilogue finish) {
        int x = problem.at("x");
        int y = problem.at("y");
        int operands = problem.operands().size();
        double count = problem.count();
        Arrays.fill(s.sums, 0);
        for (int piece = 0; piece < unit.pieces(); piece++) {
            int n = load(problem, unit, piece, arguments, x, s.x);
            for (int i = 0; i < n; i++) {
                s.sums[i] += s.x[i];
            }
        }
        unit.join(s.sums);
        for (int i = 0; i < LANES; i++) {
            s.sums[i] /= count;
            s.mean[i] = (float) s.sums[i];
            // What the mean lost when it became a float.
            s.other[i] = (float) (s.sums[i] - s.mean[i]);
        }
        Arrays.fill(s.more, 0);
        for (int piece = 0; piece < unit.pieces(); piece++) {
            int n = load(problem, unit, piece, arguments, x, s.x);
            for (int i = 0; i < n; i++) {
                double d = s.x[i] - s.sums[i];
                s.more[i] += d * d;
            }
        }
        unit.join(s.more);
        unit.store(arguments, problem.at("mean"), s.mean);
        if (problem.running()) {
            unit.load(arguments, problem.at("running_mean"), s.x);
            unit.load(arguments, problem.at("running_var"), s.dy);
            float momentum = problem.momentum();
            for (int i = 0; i < LANES; i++) {
                s.x[i] += momentum * (s.mean[i] - s.x[i]);
                s.dy[i] += momentum * ((float) (s.more[i] / (count - 1)) - s.dy[i]);
            }
            unit.store(arguments, problem.at("new_running_mean"), s.x);
            unit.store(arguments, problem.at("new_running_var"), s.dy);
        }
        for (int i = 0; i < LANES; i++) {
            s.scale[i] = (float) (1 / Math.sqrt(s.more[i] / count + problem.epsilon()));
        }
        unit.store(arguments, problem.at("rstd"), s.scale);
        Arrays.fill(s.bias, 0);
        if (problem.affine().bias()) {
            unit.load(arguments, problem.at("bias"), s.bias);
        }
        multiplyByWeight(problem.affine(), problem, unit, arguments, s);
        for (int piece = 0; piece < unit.pieces(); piece++) {
            int n = load(problem, unit, piece, arguments, x, s.x);
            for (int i = 0; i < n; i++) {
                s.x[i] = (s.x[i] - s.mean[i] - s.other[i]) * s.scale[i] + s.bias[i];
            }
            finish.apply(s.x, 0, n, unit.at(piece), arguments, operands);
            HostStorage.store(arguments.memory(y), problem.dtype(), unit.at(piece), s.x, 0, n);
        }
    }

    private static void backward(BatchNormBackwardProblem problem, Unit unit, HostArguments arguments, Scratch s,
            Before before, HostEpilogue finish) {
        int dy = problem.at("dy");
        int x = problem.at("x");
        int dx = problem.at("dx");
        int operands = problem.operands().size();
        float count = problem.count();
        unit.load(arguments, problem.at("mean"), s.mean);
        Arrays.fill(s.sums, 0);
        Arrays.fill(s.more, 0);
        for (int piece = 0; piece < unit.pieces(); piece++) {
            int n = load(problem, unit, piece, arguments, x, s.x);
            load(problem, unit, piece, arguments, dy, s.dy);
            before.apply(s.dy, n, unit.at(piece), arguments);
            for (int i = 0; i < n; i++) {
                s.sums[i] += s.dy[i];
                s.more[i] += s.dy[i] * (s.x[i] - s.mean[i]);
            }
        }
        unit.join(s.sums);
        unit.join(s.more);
        unit.load(arguments, problem.at("rstd"), s.scale);
        for (int i = 0; i < LANES; i++) {
            s.x[i] = (float) s.more[i] * s.scale[i];
            s.dy[i] = (float) s.sums[i];
            s.bias[i] = s.dy[i] / count;
            s.other[i] = -s.scale[i] * s.x[i] / count;
        }
        if (problem.affine().weight()) {
            unit.store(arguments, problem.at("dweight"), s.x);
        }
        if (problem.affine().bias()) {
            unit.store(arguments, problem.at("dbias"), s.dy);
        }
        multiplyByWeight(problem.affine(), problem, unit, arguments, s);
        for (int piece = 0; piece < unit.pieces(); piece++) {
            int n = load(problem, unit, piece, arguments, x, s.x);
            load(problem, unit, piece, arguments, dy, s.dy);
            before.apply(s.dy, n, unit.at(piece), arguments);
            for (int i = 0; i < n; i++) {
                s.x[i] = (s.dy[i] - s.bias[i] + (s.x[i] - s.mean[i]) * s.other[i]) * s.scale[i];
            }
            finish.apply(s.x, 0, n, unit.at(piece), arguments, operands);
            HostStorage.store(arguments.memory(dx), problem.dtype(), unit.at(piece), s.x, 0, n);
        }
    }

    private static void multiplyByWeight(Affine affine, NormProblem problem, Unit unit, HostArguments arguments, Scratch s) {
        if (affine.weight()) {
            unit.load(arguments, problem.at("weight"), s.x);
            for (int i = 0; i < LANES; i++) {
                s.scale[i] *= s.x[i];
            }
        }
    }

    private static int load(NormProblem problem, Unit unit, int piece, HostArguments arguments, int operand, float[] to) {
        int n = unit.length(piece);
        HostStorage.load(arguments.memory(operand), problem.dtype(), unit.at(piece), to, 0, n);
        return n;
    }
}
