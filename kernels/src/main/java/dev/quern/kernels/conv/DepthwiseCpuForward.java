package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** The forward rung for OpenCL on CPUs and filters that see one input channel. */
final class DepthwiseCpuForward implements Variant<Conv2dForwardProblem> {
    @Override
    public String name() {
        return "depthwise_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Pixels of a row are the lanes. The rows that a band of outputs sees are copied once with their padding, columns "
                + "split by the stride, so that every tap loads whole vectors, the weights stay in registers, and results pass "
                + "the caches in whole lines: little more than copying the images.";
    }

    @Override
    public Support supports(Conv2dForwardProblem problem, DeviceInfo device) {
        return DepthwiseBands.ofOutputs(problem.geometry()).supports(device);
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dForwardProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.outputShape().elements(), (long) g.p() * g.q()));
    }

    @Override
    public double preference(Conv2dForwardProblem problem, DeviceInfo device) {
        return DepthwiseBands.ofOutputs(problem.geometry()).preference();
    }

    @Override
    public KernelPlan plan(Conv2dForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        DepthwiseBands bands = DepthwiseBands.ofOutputs(g);
        int planes = g.n() * g.k();
        int each = bands.planes(device);
        KernelText text = bands.text("conv2d-forward/depthwise_cpu", EpilogueText.render(epilogue, g.outputShape().elements(),
                (long) g.p() * g.q(), 16), "conv2d_forward_depthwise_cpu.cl")
                .with(Map.of("PASS_CACHES", DirectCpu.passesCaches(g.outputShape())));
        return KernelPlan.of(new PlannedLaunch(problem.family(), text, "conv2d_forward_depthwise_cpu",
                Grid.ofTiles(bands.count(), Math.ceilDiv(planes, each)),
                KernelPlan.Reference.withEpilogue(DepthwiseBands.references(Conv2dText.operandReferences(), g.h(), g.w(), g.k(),
                        g.groupK(), g.p(), g.q(), g.padTop(), g.padLeft(), bands.rows(), planes, each), epilogue)));
    }
}
