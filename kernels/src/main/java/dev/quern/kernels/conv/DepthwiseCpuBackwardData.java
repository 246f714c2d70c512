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

/** The backward-data rung for OpenCL on CPUs and depthwise convolutions. */
final class DepthwiseCpuBackwardData implements Variant<Conv2dBackwardDataProblem> {
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
        return "Pixels of a row are the lanes. Rows of dy are copied once with zeros around; each phase of the stride gathers the "
                + "taps that lead to it from whole vectors, phases are woven into rows, and results pass the caches in whole lines.";
    }

    @Override
    public Support supports(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        return DepthwiseBands.ofInputs(problem.geometry()).supports(device)
                .and(Support.when(problem.geometry().groupK() == 1, "made for one output channel for each input channel"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardDataProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.inputShape().elements(), (long) g.h() * g.w()));
    }

    @Override
    public double preference(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        return 0.9;
    }

    @Override
    public KernelPlan plan(Conv2dBackwardDataProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        DepthwiseBands bands = DepthwiseBands.ofInputs(g);
        int planes = g.n() * g.c();
        int each = bands.planes(device);
        KernelText text = bands.text("conv2d-backward-data/depthwise_cpu", EpilogueText.render(epilogue, g.inputShape().elements(),
                (long) g.h() * g.w(), 16), "conv2d_backward_data_depthwise_cpu.cl")
                .with(Map.of("PASS_CACHES", DirectCpu.passesCaches(g.inputShape()), "PHASE_LEFT", g.padLeft() % g.strideW()));
        return KernelPlan.of(new PlannedLaunch(problem.family(), text, "conv2d_backward_data_depthwise_cpu",
                Grid.ofTiles(bands.count(), Math.ceilDiv(planes, each)),
                KernelPlan.Reference.withEpilogue(DepthwiseBands.references(Conv2dText.operandReferences(), g.h(), g.w(), g.c(),
                        g.p(), g.q(), g.padTop(), g.padLeft(), bands.rows(), planes, each), epilogue)));
    }
}
