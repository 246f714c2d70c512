package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The backward-weights rung for OpenCL on CPUs and many input channels. */
final class InputLanesCpuBackwardWeights implements Variant<Conv2dBackwardWeightsProblem> {
    /** Most of a work-item's private memory for its totals: they stay in the second-level cache. */
    private static final long TOTAL_BYTES = 320 * 1024;
    /** Most of a work-item's private memory for the copy of its pixels, where the rows alone do not say less. */
    private static final long COPY_BYTES = 512 * 1024;
    /** Output pixels that make the loads and stores of sums cheap beside the products. */
    private static final int TILE_PIXELS = 256;

    @Override
    public String name() {
        return "input_lanes_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Input channels are the lanes: the pixels of a band of rows are turned once into vectors of channels, which every "
                + "tap then loads aligned, and dy is broadcast from where it lies. Each tap is a matrix product with all its "
                + "sums in registers, for any stride and dilation.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable("COPY_KIB", List.of(192, 96, 48), "KiB of pixels that a work-item copies at a time"));
    }

    /** How a problem is cut. */
    private record Blocking(Conv2dGeometry g, int vectors, int blockK, int rows, int images) {
        static Blocking of(Conv2dGeometry g, DeviceInfo device, long copyBytes) {
            int accumulators = DirectCpu.registers(device) >= 32 ? 26 : 6;
            int vectors = 1;
            double least = Double.POSITIVE_INFINITY;
            for (int v = 1; v <= 3; v++) {
                // With one vector every multiply-add waits for a broadcast of its own.
                double cost = Math.ceilDiv(g.groupC(), 16 * v) * v * (v == 1 ? 1.15 : 1);
                if (cost < least) {
                    least = cost;
                    vectors = v;
                }
            }
            int blocks = Math.ceilDiv(g.groupK(), Math.min(24, accumulators / vectors));
            int lanesBytes = 64 * vectors;
            int rows = DirectCpu.tileRows(g, height -> (long) lanesBytes * PhaseLayout.of(g, height).plane() <= copyBytes);
            long plane = (long) lanesBytes * PhaseLayout.of(g, rows).plane();
            int images = rows < g.p() ? 1
                    : (int) Math.clamp(Math.min(TILE_PIXELS / (g.p() * g.q()), copyBytes / plane), 1, g.n());
            return new Blocking(g, vectors, Math.ceilDiv(g.groupK(), blocks), rows, images);
        }

        int blocksOfC() {
            return Math.ceilDiv(g.groupC(), 16 * vectors);
        }

        long totalBytes(int channels) {
            return 64L * vectors * g.r() * g.s() * Math.ceilDiv(channels, blockK) * blockK;
        }

        long copyBytes() {
            return 64L * vectors * images * PhaseLayout.of(g, rows).plane();
        }
    }

    @Override
    public Support supports(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return DirectCpu.onlyCpu(device)
                .and(Support.when(g.groupC() >= 4, "fewer than four input channels a group leave most lanes empty"))
                .and(Support.when(PhaseLayout.fits(g), "a padded image is too large"))
                .and(PhaseLayout.fits(g) ? fits(Blocking.of(g, device, 0)) : Support.supported());
    }

    private static Support fits(Blocking least) {
        return Support.when(least.copyBytes() <= COPY_BYTES && least.totalBytes(least.blockK()) <= TOTAL_BYTES,
                "a row's pixels or a block's weights need too much private memory");
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardWeightsProblem problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        int lanes = 16 * Blocking.of(g, device, 0).vectors();
        return 0.85 * g.groupC() / (Math.ceilDiv(g.groupC(), lanes) * (double) lanes) * Math.min(1, g.groupK() / 8.0);
    }

    @Override
    public KernelPlan plan(Conv2dBackwardWeightsProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        Blocking blocking = Blocking.of(g, device, 1024L * parameters.value("COPY_KIB"));
        int blockK = blocking.blockK();
        int blocks = Math.ceilDiv(g.groupK(), blockK);
        long items = (long) g.groups() * blocking.blocksOfC();
        long wanted = 8L * device.computeUnits();
        int most = (int) Math.max(1, TOTAL_BYTES / blocking.totalBytes(blockK));
        int parts = Math.ceilDiv(blocks, most);
        // More parts of k repeat the copies of x, more slices write and add gradients: take what moves less.
        if (2.0 * g.k() * g.taps() > (double) g.n() * g.c() * g.h() * g.w() / g.strideH()) {
            parts = (int) Math.clamp(Math.ceilDiv(wanted, items), parts, blocks);
        }
        int partK = Math.ceilDiv(blocks, parts) * blockK;
        parts = Math.ceilDiv(g.groupK(), partK);
        items *= parts;
        BatchSlices slices = BatchSlices.forWork(g, items, wanted);
        Epilogue own = slices.epilogueOfSums(epilogue);
        KernelText text = DirectCpu.load("conv2d-backward-weights/input_lanes_cpu", "conv2d_backward_weights_input_lanes_cpu.cl",
                "conv2d_channel_lanes.h", g, own, (long) g.k() * g.taps(), g.taps())
                .with(Map.of("VECTORS_C", blocking.vectors(), "TILE_ROWS", blocking.rows(), "TILE_IMAGES",
                        Math.min(blocking.images(), slices.images()), "SLICE_IMAGES", slices.images(), "SLICES", slices.count(),
                        "PART_K", partK, "K_PARTS", parts, "C_BLOCKS", blocking.blocksOfC(), "BLOCK_K", blockK));
        return slices.plan(g, text, "conv2d_backward_weights_input_lanes_cpu", items * slices.count(), epilogue);
    }
}
