package dev.quern.kernels.pool;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** The rung of each pooling for any window on OpenCL CPUs. */
final class RowsCpuPool2d<P extends Problem> implements Variant<P> {
    /** Outputs that are closed at a time: they stay in the first-level cache. */
    private static final int TILE_ELEMENTS = 4096;
    /** Pixels of a band of dx: with its line it stays in the second-level cache. */
    private static final int BAND_ELEMENTS = 64 * 1024;
    /** Elements of a row and its padding, of which a work-item keeps a few lines. */
    private static final long LINE_ELEMENTS = 16 * 1024;

    private final Pool2dPass<P> pass;

    RowsCpuPool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "rows_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "A window is taken apart into its rows, joined as whole vectors of a row of pixels, and its columns, split by "
                + "stride so that sixteen windows' columns lie side by side. It takes every window, stride and padding.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        double line = (double) (g.q() + 16) * g.strideW() + (double) g.windowW() * g.dilationW() + g.w() + g.padLeft();
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when(line <= LINE_ELEMENTS && (double) g.h() * g.w() < 1 << 30,
                        "rows of more than " + LINE_ELEMENTS + " pixels"));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return pass.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.65;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        int planes = pass.planesOfAnItem(problem, device);
        int bands = Math.ceilDiv(g.h(), Math.clamp(BAND_ELEMENTS / g.w(), 1, g.h()));
        KernelText text = pass.loadCpu("rows_cpu", "pool2d_rows_cpu.cl", problem, epilogue)
                .with(Map.of("TILE_ROWS", Math.clamp(TILE_ELEMENTS / g.q(), 1, g.p()), "BAND_ROWS", Math.ceilDiv(g.h(), bands)));
        return pass.overPlanes(text, problem, epilogue, planes);
    }
}
