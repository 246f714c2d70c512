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

/** The backward-weights rung for OpenCL on CPUs and few output channels. */
final class DirectCpuBackwardWeights implements Variant<Conv2dBackwardWeightsProblem> {
    /** Most of a work-item's private memory for each of the copies, the spread gradients and the sums. */
    private static final long PRIVATE_BYTES = 256 * 1024;
    /** Sums that stay in the first-level cache beside what is multiplied. */
    private static final long SUM_BYTES = 24 * 1024;

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
        return "One work-item owns some filters for a slice of the batch. Output pixels are the lanes of vectors, so that both "
                + "operands are loaded as they lie; each weight keeps a vector of partial sums through the slice, whose lanes "
                + "are added once at its end.";
    }

    @Override
    public Support supports(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return DirectCpu.onlyCpu(device).and(Support.when(PhaseLayout.fits(g)
                && 8L * PhaseLayout.of(g, g.p()).plane() <= PRIVATE_BYTES && 64L * g.r() * g.s() <= PRIVATE_BYTES,
                "a channel's pixels or weights need more than " + PRIVATE_BYTES / 1024 + " KiB of private memory"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardWeightsProblem problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(Conv2dBackwardWeightsProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        PhaseLayout layout = PhaseLayout.of(g, g.p());
        int taps = g.r() * g.s();
        long mostK = Math.min(PRIVATE_BYTES / (4L * (layout.positions() + 16)), PRIVATE_BYTES / 2 / (64L * taps));
        int partK = (int) Math.clamp(mostK, 1, Math.min(16, g.groupK()));
        partK = Math.ceilDiv(g.groupK(), Math.ceilDiv(g.groupK(), partK));
        int partC = (int) Math.clamp(Math.min(SUM_BYTES / (64L * partK * taps), PRIVATE_BYTES / (4L * layout.plane())), 1,
                g.groupC());
        int partsOfK = Math.ceilDiv(g.groupK(), partK);
        int partsOfC = Math.ceilDiv(g.groupC(), partC);
        DirectCpu.Blocks blocks = DirectCpu.Blocks.best(partK, partC * taps, device);
        long tiles = (long) g.groups() * partsOfK * partsOfC;
        BatchSlices slices = BatchSlices.forWork(g, tiles, 8L * device.computeUnits());
        Epilogue own = slices.epilogueOfSums(epilogue);
        KernelText text = DirectCpu.load("conv2d-backward-weights/direct_cpu", "conv2d_backward_weights_direct_cpu.cl", g, own,
                (long) g.k() * g.taps(), g.taps())
                .with(Map.of("TILE_ROWS", g.p(), "SLICE_IMAGES", slices.images(), "SLICES", slices.count(), "PART_K", partK,
                        "K_PARTS", partsOfK, "PART_C", partC, "C_PARTS", partsOfC, "BLOCK_K", blocks.broadcast()))
                .with(Map.of("BLOCK_T", blocks.vectors()));
        return slices.plan(g, text, "conv2d_backward_weights_direct_cpu", tiles * slices.count(), epilogue);
    }
}
