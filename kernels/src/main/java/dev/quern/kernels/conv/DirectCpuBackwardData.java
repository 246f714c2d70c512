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

/** The backward-data rung for OpenCL on CPUs. */
final class DirectCpuBackwardData implements Variant<Conv2dBackwardDataProblem> {
    /** Most of a work-item's private memory for each of the copy and the spread gradients. */
    private static final long PRIVATE_BYTES = 256 * 1024;
    /** Rows of dy that a tile takes stay in the first two cache levels. */
    private static final long SPREAD_BYTES = 64 * 1024;
    private static final int CLOSED_ELEMENTS = 1024;

    @Override
    public String name() {
        return "direct_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item owns some channels of an image's gradient as a padded copy, split by stride. Each tap's "
                + "contribution is summed over the output channels in registers and added to the copy at the tap's shift, so "
                + "that no product with padding or with the gaps of a stride is computed.";
    }

    @Override
    public Support supports(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return DirectCpu.onlyCpu(device).and(Support.when(PhaseLayout.fits(g)
                && 4L * PhaseLayout.of(g, g.p()).plane() <= PRIVATE_BYTES && spreadBytes(g, 1) <= PRIVATE_BYTES,
                "a channel's gradient needs more than " + PRIVATE_BYTES / 1024 + " KiB of private memory"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardDataProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.inputShape().elements(), (long) g.h() * g.w()));
    }

    @Override
    public double preference(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        return 0.6 * DirectCpu.lanesFilled(problem.geometry().p(), problem.geometry().q());
    }

    private static long spreadBytes(Conv2dGeometry g, int rows) {
        return 64L * Math.ceilDiv(PhaseLayout.of(g, rows).positions(), 16) * g.groupK();
    }

    @Override
    public KernelPlan plan(Conv2dBackwardDataProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        int rows = DirectCpu.tileRows(g, height -> spreadBytes(g, height) <= SPREAD_BYTES);
        int vectors = Math.ceilDiv(PhaseLayout.of(g, rows).positions(), 16);
        long plane = 4L * PhaseLayout.of(g, g.p()).plane();
        int mostC = (int) Math.clamp(PRIVATE_BYTES / plane, 1, g.groupC());
        DirectCpu.Blocks blocks = DirectCpu.Blocks.best(mostC, vectors, device);
        int blockC = blocks.broadcast();
        int parts = (int) Math.clamp(Math.max(Math.ceilDiv(4L * device.computeUnits(), (long) g.n() * g.groups()),
                Math.ceilDiv(g.groupC(), Math.max(blockC, mostC / blockC * blockC))), 1, Math.ceilDiv(g.groupC(), blockC));
        int partC = Math.ceilDiv(Math.ceilDiv(g.groupC(), parts), blockC) * blockC;
        int partsOfC = Math.ceilDiv(g.groupC(), partC);
        KernelText text = DirectCpu.load("conv2d-backward-data/direct_cpu", "conv2d_backward_data_direct_cpu.cl", g, epilogue,
                g.inputShape().elements(), (long) g.h() * g.w())
                .with(Map.of("TILE_ROWS", g.p(), "DY_ROWS", rows, "PART_C", partC, "C_PARTS", partsOfC, "BLOCK_C", blockC,
                        "BLOCK_V", blocks.vectors(), "CLOSE_ROWS", Math.clamp(CLOSED_ELEMENTS / g.w(), 1, g.h())));
        return KernelPlan.of(new PlannedLaunch(problem.family(), text, "conv2d_backward_data_direct_cpu",
                Grid.ofTiles((long) g.n() * g.groups() * partsOfC), Conv2dText.references(epilogue)));
    }
}
