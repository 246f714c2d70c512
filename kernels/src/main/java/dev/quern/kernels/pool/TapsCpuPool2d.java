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

/** The rung of each pooling for small windows on OpenCL CPUs. */
final class TapsCpuPool2d<P extends Problem> implements Variant<P> {
    /** Pixels of a window up to which each is a vector of its own. */
    private static final int MOST_TAPS = 36;
    /** Elements that are closed at a time, and of the rows that they come from: together they stay in the first-level cache. */
    private static final int TILE_ELEMENTS = 4096;
    /** Elements of a row of pixels, of which a work-item keeps a window's height. */
    private static final int LINE_ELEMENTS = 4096;

    private final Pool2dPass<P> pass;

    TapsCpuPool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "taps_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Rows lie in private memory with their padding and split by stride, so that each pixel of sixteen windows is a vector and "
                + "a window is joined in registers. Backward gathers. It takes windows of up to " + MOST_TAPS + " pixels.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when(g.windowH() * (long) g.windowW() <= MOST_TAPS, "windows of more than " + MOST_TAPS + " pixels"))
                .and(Support.when(g.dilationH() == 1 && g.dilationW() == 1, "takes no dilation"))
                .and(Support.when(Math.max(g.strideH(), g.strideW()) <= 8, "strides of more than 8"))
                .and(Support.when(g.w() + 64L <= LINE_ELEMENTS / g.windowH() && (double) g.h() * g.w() < 1 << 30,
                        "rows of more than " + LINE_ELEMENTS + " pixels over a window's height"));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return pass.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.68;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        int planes = pass.planesOfAnItem(problem, device);
        // Rows and columns of the output, and of what is read for it.
        boolean forward = pass.output(problem).shape().equals(g.outputShape());
        int rows = forward ? g.p() : g.h();
        int columns = forward ? g.q() : g.w();
        int tile = Math.clamp(TILE_ELEMENTS / columns, 1, rows);
        if (forward) {
            int fitting = Math.max(1, (TILE_ELEMENTS / (g.w() + 48) - g.windowH()) / g.strideH() + 1);
            tile = Math.min(tile, fitting);
        }
        tile = Math.ceilDiv(rows, Math.ceilDiv(rows, tile));
        int batch = tile < rows ? 1 : Math.clamp(TILE_ELEMENTS / ((long) rows * columns), 1, planes);
        KernelText text = pass.loadCpu("taps_cpu", "pool2d_taps_cpu.cl", problem, epilogue)
                .with(Map.of("TILE_ROWS", tile, "BATCH", batch));
        return pass.overPlanes(text, problem, epilogue, planes);
    }
}
