package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** The backward-weights rung for OpenCL on CPUs and filters that see one input channel. */
final class DepthwiseCpuBackwardWeights implements Variant<Conv2dBackwardWeightsProblem> {
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
        return "Output pixels of a row are the lanes. A vector of dy is loaded where it lies and meets every tap's pixels, from a copy "
                + "that is padded and split by the stride, while the sums of all taps stay in registers.";
    }

    /** Accumulators that leave room in the registers. */
    private static int blockR(Conv2dGeometry g, DeviceInfo device) {
        return Math.clamp((DirectCpu.registers(device) >= 32 ? 26 : 6) / g.s(), 1, g.r());
    }

    @Override
    public Support supports(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        return DepthwiseBands.ofOutputs(problem.geometry()).supports(device);
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardWeightsProblem problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        return DepthwiseBands.ofOutputs(problem.geometry()).preference();
    }

    @Override
    public KernelPlan plan(Conv2dBackwardWeightsProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        DepthwiseBands bands = DepthwiseBands.ofOutputs(g);
        BatchSlices slices = BatchSlices.forWork(g, g.k(), 8L * device.computeUnits());
        KernelText text = bands.text("conv2d-backward-weights/depthwise_cpu", EpilogueText.render(slices.epilogueOfSums(epilogue),
                (long) g.k() * g.taps(), g.taps(), 16), "conv2d_backward_weights_depthwise_cpu.cl")
                .with(Map.of("BLOCK_R", blockR(g, device), "SLICES", slices.count()));
        return slices.plan(g, text, "conv2d_backward_weights_depthwise_cpu", (long) g.k() * slices.count(), epilogue,
                g.h(), g.w(), g.k(), g.groupK(), g.p(), g.q(), g.padTop(), g.padLeft(), bands.rows(), g.n(), slices.images());
    }
}
