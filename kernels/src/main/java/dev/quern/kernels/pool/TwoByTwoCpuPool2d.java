package dev.quern.kernels.pool;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** The rung of each pooling for 2x2 windows on OpenCL CPUs. */
final class TwoByTwoCpuPool2d<P extends Problem> implements Variant<P> {
    /** Pixels of the larger side that a tile may have: values and places stay in the first-level cache. */
    private static final int TILE_PIXELS = 4096;

    private final Pool2dPass<P> pass;

    TwoByTwoCpuPool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "two_by_two_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Sixteen 2x2 windows at a time: vectors of a row pair are split into even and odd columns and compared or added "
                + "whole. A work-item takes several planes, so that a launch has a few groups a core.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when(pass.dtype(problem) == DType.F32, "takes F32 alone"))
                .and(Support.when(g.isTwoByTwo(), "takes 2x2 windows with stride 2 and without padding alone"))
                .and(Support.when(2L * g.w() <= TILE_PIXELS, "rows of more than " + TILE_PIXELS / 2 + " pixels"));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return pass.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return 0.7;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        int planes = pass.planesOfAnItem(problem, device);
        KernelText text = pass.loadCpu("two_by_two_cpu", "pool2d_two_by_two_cpu.cl", problem, epilogue)
                .with(Map.of("TILE_ROWS", Math.clamp(TILE_PIXELS / (2 * g.w()), 1, g.p())));
        return pass.overPlanes(text, problem, epilogue, planes);
    }
}
