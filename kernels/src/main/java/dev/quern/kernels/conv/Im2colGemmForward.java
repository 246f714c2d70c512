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
import java.util.Map;

/** The forward rung that unfolds images, for OpenCL on CPUs. */
final class Im2colGemmForward implements Variant<Conv2dForwardProblem> {
    private static final int PIXELS = 32;
    /** Most of a work-item's private memory. */
    private static final long MOST_COLUMNS = 1 << 20;

    @Override
    public String name() {
        return "im2col_gemm";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "The image unfolded into columns, one for each output pixel, makes the convolution a matrix product. Each "
                + "work-item unfolds its own few columns into private memory, so that the column matrix, R*S times the image, "
                + "is never stored as a whole.";
    }

    @Override
    public Support supports(Conv2dForwardProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return DirectCpu.onlyCpu(device)
                .and(Support.when(4L * PIXELS * g.taps() <= MOST_COLUMNS, "sums of more than "
                        + MOST_COLUMNS / (4 * PIXELS) + " products"))
                .and(Support.when((long) g.p() * g.q() < 1 << 24 && (long) g.h() * g.w() < 1 << 30, "images past 2^24 pixels"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dForwardProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.outputShape().elements(), (long) g.p() * g.q()));
    }

    /** Unfolding costs about as much as the products with thirty output channels. */
    @Override
    public double preference(Conv2dForwardProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        double k = g.groupK();
        return Math.max(0.02, 0.5 * k / (k + 30) * DirectCpu.lanesFilled(g.p(), g.q()));
    }

    @Override
    public KernelPlan plan(Conv2dForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        KernelText text = KernelText.of("conv2d-forward/im2col_gemm", Dialect.OPENCL,
                EpilogueText.render(epilogue, g.outputShape().elements(), (long) g.p() * g.q(), 16)
                        + DirectCpu.texts("conv2d_vectors.h", "conv2d_finish.h", "conv2d_forward_im2col_gemm.cl"))
                .with(Map.of("PIXELS", PIXELS, "ROWS", DirectCpu.registers(device) >= 32 ? 12 : 2, "COLUMN_FLOATS",
                        ForwardBands.rounded((long) PIXELS * g.taps())));
        List<Reference> arguments = new ArrayList<>(Conv2dText.operandReferences());
        arguments.addAll(Conv2dText.numbers(g));
        return KernelPlan.of(new PlannedLaunch(problem.family(), text, "conv2d_forward_im2col_gemm",
                Grid.ofTiles(Math.ceilDiv((long) g.p() * g.q(), PIXELS), (long) g.n() * g.groups()),
                Reference.withEpilogue(arguments, epilogue)));
    }
}
