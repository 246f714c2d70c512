package dev.quern.kernels.pool;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
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

/** The rung of average pooling for OpenCL on CPUs where a row of pixels is a vector or less. */
final class ShortRowsCpuPool2d<P extends Problem> implements Variant<P> {
    private static final int LANES = 16;
    /** Additions of vectors for a plane, all written out: what a compiler takes in its stride. */
    private static final int MOST_STATEMENTS = 160;
    private static final List<Tunable> TUNABLES = Pool2dStrands.tunables(List.of(1, 2, 8));

    private final Pool2dPass<P> pass;

    ShortRowsCpuPool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "short_rows_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "A row of pixels is one vector: rows of a window are added up whole, columns as the same vector moved by lanes, and windows are a "
                + "permutation of the sums; backward the other way round. It takes rows of up to " + LANES + " pixels.";
    }

    @Override
    public List<Tunable> tunables() {
        return TUNABLES;
    }

    private boolean forward() {
        return pass.family().equals(AvgPool2dForwardProblem.FAMILY);
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        long statements = forward() ? g.p() * ((long) g.windowH() + g.windowW())
                : g.p() * (long) g.windowW() + g.h() * (long) Math.ceilDiv(g.windowH(), g.strideH());
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when(pass.dtype(problem) == DType.F32, "takes F32 alone"))
                .and(Support.when(g.w() <= LANES && g.windowW() <= LANES && (g.q() - 1L) * g.strideW() < LANES,
                        "rows of more than " + LANES + " pixels"))
                .and(Support.when(Math.max(statements, g.h()) <= MOST_STATEMENTS, "more than " + MOST_STATEMENTS + " additions for a plane"))
                .and(Support.when(g.dilationH() == 1 && g.dilationW() == 1, "takes no dilation"));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return pass.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        // rows_cpu reads a plane of one window in whole vectors.
        if (g.p() * g.q() == 1) {
            return 0.6;
        }
        return pass.passesCaches(problem) ? 0.76 : 0.695;
    }

    private long made(Pool2dGeometry g) {
        return forward() ? (long) g.p() * g.q() : (long) g.h() * g.w();
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        return Pool2dStrands.parameters(pass, problem, device, TUNABLES, forward() ? 8 : 2, made(pass.geometry().apply(problem)));
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        KernelText text = pass.loadCpu("short_rows_cpu", "pool2d_short_rows_cpu.cl", problem, epilogue);
        return Pool2dStrands.plan(pass, text, problem, device, parameters, epilogue, made(pass.geometry().apply(problem)));
    }
}
