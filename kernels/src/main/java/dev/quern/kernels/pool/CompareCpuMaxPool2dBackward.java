package dev.quern.kernels.pool;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.List;

/** The rung of maximum pooling backward for OpenCL on CPUs that compares vectors of indices with the pixels that they may be. */
final class CompareCpuMaxPool2dBackward implements Variant<MaxPool2dBackwardProblem> {
    private static final Pool2dPass<MaxPool2dBackwardProblem> PASS = Pool2dPass.MAX_BACKWARD;
    private static final int LANES = 16;
    /** Pixels of a window times vectors of a row, all written out: what a compiler takes in its stride. */
    private static final int MOST_STATEMENTS = 160;
    /** Rows shorter than this leave too many lanes idle. */
    private static final int SHORT_ROW = 12;

    @Override
    public String name() {
        return "compare_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "What sixteen windows took, loaded once, is compared with the pixels that they see; what these get is moved to their lanes, and "
                + "sums are kept for the next row of windows while whole lines of rows that are done are written. It takes steps of one or two "
                + "columns.";
    }

    @Override
    public List<Tunable> tunables() {
        return Pool2dStrands.TUNABLES;
    }

    @Override
    public Support supports(MaxPool2dBackwardProblem problem, DeviceInfo device) {
        Pool2dGeometry g = problem.geometry();
        int vectors = Math.ceilDiv(Math.ceilDiv(g.w(), g.strideW()), LANES);
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when(problem.dtype() == DType.F32, "takes F32 alone"))
                .and(Support.when(g.dilationH() == 1 && g.dilationW() == 1, "takes no dilation"))
                .and(Support.when(g.strideW() <= 2, "steps of more than two columns"))
                .and(Support.when(g.strideH() <= 8, "steps of more than 8 rows"))
                .and(Pool2dStrands.movesLanes(g.windowW(), g.strideW(), g.padLeft()))
                .and(Support.when(g.q() >= 2 * g.windowW(), "fewer windows in a row than two windows have columns"))
                .and(Support.when((double) g.h() * g.w() < 1 << 30, "planes of more than 2^30 pixels"))
                .and(Support.when(vectors * (long) g.windowH() * g.windowW() <= MOST_STATEMENTS,
                        "more than " + MOST_STATEMENTS + " vectors of windows for a row of pixels"));
    }

    @Override
    public Support takes(Epilogue epilogue, MaxPool2dBackwardProblem problem) {
        return PASS.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(MaxPool2dBackwardProblem problem, DeviceInfo device) {
        if (problem.geometry().w() < SHORT_ROW) {
            return 0.6;
        }
        return PASS.passesCaches(problem) ? 0.75 : 0.695;
    }

    @Override
    public Parameters parameters(MaxPool2dBackwardProblem problem, DeviceInfo device) {
        return Pool2dStrands.parameters(PASS, problem, device, 1, made(problem));
    }

    private static long made(MaxPool2dBackwardProblem problem) {
        return (long) problem.geometry().h() * problem.geometry().w();
    }

    @Override
    public KernelPlan plan(MaxPool2dBackwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        KernelText text = PASS.loadCpu("compare_cpu", "pool2d_compare_cpu.cl", problem, epilogue);
        return Pool2dStrands.plan(PASS, text, problem, device, parameters, epilogue, made(problem));
    }
}
