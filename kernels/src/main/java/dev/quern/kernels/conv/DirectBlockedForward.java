package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The forward rung for OpenCL on CPUs and many output channels. */
final class DirectBlockedForward implements Variant<Conv2dForwardProblem> {
    @Override
    public String name() {
        return "direct_blocked";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Output channels are the lanes of vectors. The filter is packed so that a block of channels reads it front to "
                + "back; a work-item owns a band of rows, copied once with its padding, and keeps a block of pixels by channels "
                + "in registers, so that multiply-adds are nearly all it does, whatever the filter, stride or dilation.";
    }

    @Override
    public Support supports(Conv2dForwardProblem problem, DeviceInfo device) {
        return DirectCpu.onlyCpu(device).and(ForwardBands.supports(problem.geometry(), device));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dForwardProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.outputShape().elements(), (long) g.p() * g.q()));
    }

    @Override
    public double preference(Conv2dForwardProblem problem, DeviceInfo device) {
        return ForwardBands.of(problem.geometry(), device).efficiency(device);
    }

    @Override
    public KernelPlan plan(Conv2dForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        ForwardBands bands = ForwardBands.of(g, device);
        PackedFilter packed = PackedFilter.of(g, bands.lanes());
        KernelText text = KernelText.of("conv2d-forward/direct_blocked", Dialect.OPENCL,
                EpilogueText.render(epilogue, g.outputShape().elements(), (long) g.p() * g.q(), 16)
                        + DirectCpu.texts("conv2d_vectors.h", "conv2d_finish.h", "conv2d_padded_band.h",
                        "conv2d_forward_direct_blocked.cl")).with(bands.defines());
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(0), Reference.workspace(0),
                Reference.operand(2)));
        IntStream.of(bands.arguments()).mapToObj(Reference::number).forEach(arguments::add);
        return new KernelPlan(List.of(packed.launch(Reference.operand(1), Reference.workspace(0)),
                new PlannedLaunch("convolve", text, "conv2d_forward_direct_blocked",
                        Grid.ofTiles(bands.count(), bands.parts(), (long) g.n() * g.groups()),
                        Reference.withEpilogue(arguments, epilogue))), List.of(packed.bytes()));
    }
}
