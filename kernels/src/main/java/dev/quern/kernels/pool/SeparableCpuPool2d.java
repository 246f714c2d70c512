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
import java.util.Map;
import java.util.TreeMap;

/** The rung of pooling for OpenCL on CPUs that joins a row's columns once for all windows that see the row. */
final class SeparableCpuPool2d<P extends Problem> implements Variant<P> {
    private static final int LANES = 16;
    /** Pixels of a window times vectors of a row, all written out: what a compiler takes in its stride. */
    private static final int MOST_STATEMENTS = 160;
    /** Rows shorter than this leave too many lanes idle. */
    private static final int SHORT_ROW = 12;

    private final Pool2dPass<P> pass;

    SeparableCpuPool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "separable_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "A row's columns are joined in registers once for all windows that see the row, and reading, joining and writing whole "
                + "lines go on side by side, of several places at once. It takes steps of one or two columns.";
    }

    @Override
    public List<Tunable> tunables() {
        return Pool2dStrands.TUNABLES;
    }

    /** Average backward with a stride of 1 is average forward of dy, with as much padding as makes dy's windows whole. */
    private boolean backward() {
        return pass.family().equals(AvgPool2dBackwardProblem.FAMILY);
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        Support support = Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when(pass.dtype(problem) == DType.F32, "takes F32 alone"))
                .and(Support.when(g.dilationH() == 1 && g.dilationW() == 1, "takes no dilation"))
                .and(Support.when((double) g.h() * g.w() < 1 << 30 && (double) g.p() * g.q() < 1 << 30, "planes of more than 2^30 pixels"));
        int read = backward() ? g.q() : g.w();
        int made = backward() ? g.w() : g.q();
        support = support.and(Support.when(read >= g.windowW(), "rows shorter than a window"))
                .and(Support.when(Math.ceilDiv(made, LANES) * (long) g.windowH() * g.windowW() <= MOST_STATEMENTS,
                        "more than " + MOST_STATEMENTS + " vectors of pixels for a row of windows"));
        if (backward()) {
            support = support.and(Pool2dStrands.movesLanes(g.windowW(), g.strideW(), g.windowW() - 1 - g.padLeft()));
            return support.and(Support.when(g.strideH() == 1 && g.strideW() == 1, "takes a stride of 1 alone"))
                    .and(Support.when(windowPixels(problem) > 0, "windows that are divided by different numbers of pixels"));
        }
        return support.and(Support.when(g.strideW() <= 2, "steps of more than two columns"))
                .and(Pool2dStrands.movesLanes(g.windowW(), g.strideW(), g.padLeft()));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return pass.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        if ((backward() ? g.w() : g.q()) < SHORT_ROW) {
            return 0.6;
        }
        return pass.passesCaches(problem) ? 0.75 : 0.695;
    }

    @Override
    public Parameters parameters(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        return Pool2dStrands.parameters(pass, problem, device, g.strideW() == 1 ? 1 : 4, made(g));
    }

    private long made(Pool2dGeometry g) {
        return backward() ? (long) g.h() * g.w() : (long) g.p() * g.q();
    }

    /** The number by which every window is divided, or 0 if they are divided by different ones. */
    private int windowPixels(P problem) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        PlaneWindows windows = new PlaneWindows(g, pass.countIncludePad().test(problem));
        int first = windows.pixels(0, 0);
        for (int p = 0; p < g.p(); p++) {
            if (windows.pixels(p, 0) != first) {
                return 0;
            }
        }
        for (int q = 0; q < g.q(); q++) {
            if (windows.pixels(0, q) != first) {
                return 0;
            }
        }
        return first;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        Map<String, Integer> defines = new TreeMap<>();
        if (windowPixels(problem) > 0) {
            defines.put("WINDOW_PIXELS", windowPixels(problem));
        }
        if (backward()) {
            defines.putAll(Map.of("H", g.p(), "W", g.q(), "P", g.h(), "Q", g.w(), "PAD_TOP", g.windowH() - 1 - g.padTop(), "PAD_LEFT",
                    g.windowW() - 1 - g.padLeft()));
        }
        KernelText text = pass.loadCpu("separable_cpu", "pool2d_separable_cpu.cl", problem, epilogue).with(defines);
        return Pool2dStrands.plan(pass, text, problem, device, parameters, epilogue, made(g));
    }
}
