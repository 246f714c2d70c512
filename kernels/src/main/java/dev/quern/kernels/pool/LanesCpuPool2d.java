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

/** The rung of average pooling for OpenCL on CPUs where planes are small: sixteen planes at once, one a lane. */
final class LanesCpuPool2d<P extends Problem> implements Variant<P> {
    private static final int LANES = 16;
    /** Pixels of a plane of which sixteen, input and output, lie in a second-level cache. */
    private static final int MOST_PIXELS = 1024;
    private static final int MOST_TAPS = 64;
    /** With fewer planes for a core, cores wait for each other. */
    private static final int LEAST_PLANES_PER_CORE = 16 * LANES;

    private final Pool2dPass<P> pass;

    LanesCpuPool2d(Pool2dPass<P> pass) {
        this.pass = pass;
    }

    @Override
    public String name() {
        return "lanes_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Sixteen planes are turned in registers so that each is a lane, pooled tap by tap in whole vectors whatever the stride, and "
                + "turned back. It takes planes of up to " + MOST_PIXELS + " pixels.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns whole planes")
                .and(Support.when((long) g.h() * g.w() <= MOST_PIXELS && (long) g.p() * g.q() <= MOST_PIXELS,
                        "planes of more than " + MOST_PIXELS + " pixels"))
                .and(Support.when(g.windowH() * (long) g.windowW() <= MOST_TAPS, "windows of more than " + MOST_TAPS + " pixels"))
                .and(Support.when(g.dilationH() == 1 && g.dilationW() == 1, "takes no dilation"));
    }

    @Override
    public Support takes(Epilogue epilogue, P problem) {
        return pass.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        Pool2dGeometry g = pass.geometry().apply(problem);
        boolean forward = pass.family().equals(AvgPool2dForwardProblem.FAMILY);
        // Backward with a stride of 1, rows_cpu and taps_cpu waste little; of a plane that is one window, nothing.
        boolean suited = g.p() * g.q() > 1 && (forward || g.strideW() > 1);
        return suited && g.planes() >= (long) LEAST_PLANES_PER_CORE * device.computeUnits() ? 0.69 : 0.6;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        KernelText text = pass.loadCpu("lanes_cpu", "pool2d_lanes_cpu.cl", problem, epilogue);
        return pass.overPlanes(text, problem, epilogue, Math.ceilDiv(pass.planesOfAnItem(problem, device), LANES) * LANES);
    }
}
