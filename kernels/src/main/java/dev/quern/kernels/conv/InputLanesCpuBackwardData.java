package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The backward-data rung for OpenCL on CPUs and many input channels. */
final class InputLanesCpuBackwardData implements Variant<Conv2dBackwardDataProblem> {
    /** Most of a work-item's private memory for the rows of dy, and for the tile of dx. */
    private static final long PRIVATE_BYTES = 512 * 1024;
    private static final String FILE = "conv2d_backward_data_input_lanes_cpu.cl";

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
        return "Input channels are the lanes: weights are turned into vectors of channels, dy is broadcast from a padded copy, and "
                + "the sums of a block of pixels stay in registers over all output channels and taps. Pixels are taken by the "
                + "phases of the stride, so that nothing is multiplied by its gaps.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable("COPY_KIB", List.of(160, 80, 320), "KiB of dy that a work-item copies"),
                new Tunable("CHUNK", List.of(600, 400, 300, 200, 100), "products added to a sum before it waits in memory"));
    }

    /** How a problem is cut. */
    private record Blocking(Conv2dGeometry g, int vectors, int blockH, int blockW, int chunkK, int rows) {
        static Blocking of(Conv2dGeometry g, DeviceInfo device, long bytes, int chunk) {
            boolean wide = DirectCpu.registers(device) >= 32;
            int vectors = 1;
            double least = Double.POSITIVE_INFINITY;
            for (int v = 1; v <= (wide ? 3 : 2); v++) {
                // With one vector every multiply-add waits for a broadcast of its own.
                double cost = Math.ceilDiv(g.groupC(), 16 * v) * v * (v == 1 ? 1.15 : 1);
                if (cost < least) {
                    least = cost;
                    vectors = v;
                }
            }
            int pixels = (wide ? 28 : 6) / vectors;
            int columns = Math.ceilDiv(g.w(), g.strideW());
            int blockW = Math.ceilDiv(columns, Math.ceilDiv(columns, pixels));
            int blockH = Math.clamp(pixels / blockW, 1, Math.ceilDiv(g.h(), g.strideH()));
            int taps = Math.ceilDiv(g.r() * g.s(), g.strideH() * g.strideW());
            int chunks = Math.ceilDiv(g.groupK(), Math.max(16, chunk / taps));
            int chunkK = Math.ceilDiv(g.groupK(), chunks);
            int step = g.strideH() * blockH;
            for (int bands = 1; bands < g.h(); bands++) {
                int rows = Math.min(g.h(), Math.ceilDiv(Math.ceilDiv(g.h(), bands), step) * step);
                Blocking blocking = new Blocking(g, vectors, blockH, blockW, chunkK, rows);
                if (blocking.copyBytes() <= bytes && blocking.tileBytes() <= bytes) {
                    return blocking;
                }
            }
            return new Blocking(g, vectors, blockH, blockW, chunkK, Math.min(g.h(), step));
        }

        int blocksOfC() {
            return Math.ceilDiv(g.groupC(), 16 * vectors);
        }

        int bands() {
            return Math.ceilDiv(g.h(), rows);
        }

        /** Phases of the stride that some tap leads to. */
        int phases() {
            return phases(g.r(), g.dilationH(), g.strideH()) * phases(g.s(), g.dilationW(), g.strideW());
        }

        private static int phases(int taps, int dilation, int stride) {
            return (int) IntStream.range(0, Math.min(taps, stride)).map(tap -> (int) ((long) tap * dilation % stride)).distinct()
                    .count();
        }

        private long pixelRows() {
            return (long) Math.ceilDiv(Math.ceilDiv(rows, g.strideH()), blockH) * blockH;
        }

        private long pixelColumns() {
            return (long) Math.ceilDiv(Math.ceilDiv(g.w(), g.strideW()), blockW) * blockW;
        }

        double copyBytes() {
            return 4.0 * chunkK * (pixelRows() + (g.r() - 1L) * g.dilationH() / g.strideH() + (g.strideH() > 1 ? 1 : 0))
                    * (pixelColumns() + (g.s() - 1L) * g.dilationW() / g.strideW() + (g.strideW() > 1 ? 1 : 0));
        }

        /** For one block of input channels. */
        double tileBytes() {
            return 64.0 * vectors * phases() * pixelRows() * pixelColumns();
        }
    }

    @Override
    public Support supports(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        Blocking least = Blocking.of(g, device, 0, 0);
        return DirectCpu.onlyCpu(device)
                .and(Support.when(g.groupC() >= 4, "fewer than four input channels a group leave most lanes empty"))
                .and(Support.when(least.copyBytes() <= PRIVATE_BYTES && least.tileBytes() <= PRIVATE_BYTES
                        && (double) g.r() * g.s() <= 1024 && (double) least.rows() * g.w() < PRIVATE_BYTES / 4.0, "the rows of dy that a row needs take too much private memory"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardDataProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.inputShape().elements(), (long) g.h() * g.w()));
    }

    @Override
    public double preference(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        int lanes = 16 * Blocking.of(g, device, 0, 0).vectors();
        double multiplied = 0.8 * g.groupC() / (Math.ceilDiv(g.groupC(), lanes) * (double) lanes);
        double filter = ForwardBands.filterCycles(g, Blocking.of(g, device, 1024L * 160, 600).bands());
        double share = filter == 0 ? multiplied : Math.min(multiplied, g.flops() / 64 / filter);
        // direct_blocked, whose weights stay in the first-level cache, needs two thirds of the time for a single tap.
        TurnedFilterBackwardData blocked = new TurnedFilterBackwardData(new DirectBlockedForward());
        return g.r() * g.s() == 1 && blocked.supports(problem, device).yes()
                ? Math.min(share, 0.9 * blocked.preference(problem, device)) : share;
    }

    /** A 1x1 filter without stride and padding sees pixels, not rows: small planes go by as one row. */
    private static Conv2dGeometry flattened(Conv2dGeometry g) {
        boolean plain = g.r() == 1 && g.s() == 1 && g.isUnitStep() && g.p() == g.h() && g.q() == g.w();
        if (!plain || g.w() >= 14 || (long) g.h() * g.w() > 1024) {
            return g;
        }
        return new Conv2dGeometry(g.n(), g.c(), 1, g.h() * g.w(), g.k(), 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, g.groups());
    }

    /** A single tap's weights for a chunk stay in the first-level cache beside the pixels; more taps share a pixel's lines. */
    @Override
    public Parameters parameters(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return Parameters.defaults(tunables()).with("CHUNK", g.r() * g.s() == 1 ? 200 : 600);
    }

    @Override
    public KernelPlan plan(Conv2dBackwardDataProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = flattened(problem.geometry());
        Blocking blocking = Blocking.of(g, device, 1024L * parameters.value("COPY_KIB"), parameters.value("CHUNK"));
        int blocksOfC = blocking.blocksOfC();
        long items = (long) g.n() * g.groups() * blocking.bands();
        int most = (int) Math.clamp((long) (2048.0 * parameters.value("COPY_KIB") / blocking.tileBytes()), 1, blocksOfC);
        int parts = (int) Math.clamp(Math.ceilDiv(8L * device.computeUnits(), items), Math.ceilDiv(blocksOfC, most), blocksOfC);
        int partBlocks = Math.ceilDiv(blocksOfC, parts);
        parts = Math.ceilDiv(blocksOfC, partBlocks);
        String text = EpilogueText.render(epilogue, g.inputShape().elements(), (long) g.h() * g.w(), 16)
                + DirectCpu.texts("conv2d_vectors.h", FILE);
        KernelText program = KernelText.of("conv2d-backward-data/input_lanes_cpu", dialect(), text).with(Conv2dText.defines(g))
                .with(Map.of("VECTORS_C", blocking.vectors(), "BLOCK_H", blocking.blockH(), "BLOCK_W", blocking.blockW(),
                        "TILE_ROWS", blocking.rows(), "BANDS", blocking.bands(), "C_BLOCKS", blocksOfC, "C_PARTS", parts,
                        "PART_BLOCKS", partBlocks))
                .with(Map.of("CHUNK_K", blocking.chunkK(), "PHASES", blocking.phases()));
        Reference turned = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("turn filter", program, "turn_filter", Grid.ofTiles((long) g.groups() * blocksOfC * g.groupK()),
                        List.of(Reference.operand(1), turned)),
                new PlannedLaunch("multiply", program, "multiply", Grid.ofTiles(items * parts),
                        Reference.withEpilogue(List.of(Reference.operand(0), turned, Reference.operand(2)), epilogue))),
                List.of(64L * blocking.vectors() * g.groups() * blocksOfC * g.groupK() * g.r() * g.s()));
    }
}
