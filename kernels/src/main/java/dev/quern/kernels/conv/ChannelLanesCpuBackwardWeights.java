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

/** The backward-weights rung for OpenCL on CPUs and many output channels. */
final class ChannelLanesCpuBackwardWeights implements Variant<Conv2dBackwardWeightsProblem> {
    /** Most of a work-item's private memory for the copies of input channels. */
    private static final long COPY_BYTES = 96 * 1024;
    private static final long SUM_BYTES = 64 * 1024;
    /** Output pixels of a tile: their vectors of channels stay in the first-level cache. */
    private static final int TILE_PIXELS = 384;

    @Override
    public String name() {
        return "channel_lanes_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Sixteen output channels are the lanes of a vector: dy is turned into one vector a pixel, which meets every tap "
                + "of a filter while it is in a register, as pixels of the input are broadcast. Nothing between rows is "
                + "multiplied and no lanes are added at the end.";
    }

    @Override
    public Support supports(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return DirectCpu.onlyCpu(device)
                .and(Support.when(g.s() <= mostAccumulators(device), "a filter row of " + g.s() + " taps does not fit the registers"))
                .and(Support.when(PhaseLayout.fits(g) && 4L * PhaseLayout.of(g, tileRows(g)).plane() <= COPY_BYTES
                        && g.q() <= 2 * TILE_PIXELS && 64L * g.r() * g.s() <= SUM_BYTES,
                        "a tile's pixels or weights need too much private memory"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardWeightsProblem problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        int k = problem.geometry().groupK();
        return 0.7 * k / (Math.ceilDiv(k, 16) * 16.0);
    }

    /** Accumulators that leave room in the registers. */
    private static int mostAccumulators(DeviceInfo device) {
        return DirectCpu.registers(device) >= 32 ? 26 : 6;
    }

    private static int tileRows(Conv2dGeometry g) {
        int tiles = Math.ceilDiv(g.p(), Math.clamp(TILE_PIXELS / g.q(), 1, g.p()));
        return Math.ceilDiv(g.p(), tiles);
    }

    @Override
    public KernelPlan plan(Conv2dBackwardWeightsProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        int rows = tileRows(g);
        int taps = g.r() * g.s();
        int blockR = Math.clamp(mostAccumulators(device) / g.s(), 1, g.r());
        int blockC = blockR == g.r() ? Math.clamp(mostAccumulators(device) / taps, 1, g.groupC()) : 1;
        long plane = 4L * PhaseLayout.of(g, rows).plane();
        int partC = (int) Math.clamp(Math.min(COPY_BYTES / plane, SUM_BYTES / (64L * taps)), 1, g.groupC());
        partC = Math.min(g.groupC(), Math.max(blockC, partC / blockC * blockC));
        blockC = Math.min(blockC, partC);
        int partsOfC = Math.ceilDiv(g.groupC(), partC);
        int blocksOfK = Math.ceilDiv(g.groupK(), 16);
        long tiles = (long) g.groups() * blocksOfK * partsOfC;
        BatchSlices slices = BatchSlices.forWork(g, tiles, 8L * device.computeUnits());
        Epilogue own = slices.epilogueOfSums(epilogue);
        KernelText text = DirectCpu.load("conv2d-backward-weights/channel_lanes_cpu",
                "conv2d_backward_weights_channel_lanes_cpu.cl", "conv2d_channel_lanes.h", g, own, (long) g.k() * g.taps(),
                g.taps())
                .with(Map.of("TILE_ROWS", rows, "SLICE_IMAGES", slices.images(), "SLICES", slices.count(), "K_BLOCKS",
                        blocksOfK, "PART_C", partC, "C_PARTS", partsOfC, "BLOCK_C", blockC, "BLOCK_R", blockR));
        return slices.plan(g, text, "conv2d_backward_weights_channel_lanes_cpu", tiles * slices.count(), epilogue);
    }
}
