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

/** The forward rung for OpenCL on CPUs. */
final class DirectCpuForward implements Variant<Conv2dForwardProblem> {
    /** Most of a work-item's private memory: a share of a core's second-level cache. */
    private static final long PRIVATE_BYTES = 384 * 1024;
    /** Flat positions that keep a few channels' sums in the first-level cache. */
    private static final int TILE_POSITIONS = 1024;

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
        return "One work-item owns a tile of output rows. It copies the tile's pixels once, padded and split by stride, so that "
                + "every tap reads whole vectors without tests, and keeps a block of channels by positions in registers.";
    }

    @Override
    public Support supports(Conv2dForwardProblem problem, DeviceInfo device) {
        return DirectCpu.onlyCpu(device).and(Support.when(tileRows(problem.geometry(), device) > 0,
                "one output row needs more than " + PRIVATE_BYTES / 1024 + " KiB of private memory"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dForwardProblem problem) {
        Conv2dGeometry g = problem.geometry();
        return Support.unless(EpilogueText.vectorObstacle(epilogue, g.outputShape().elements(), (long) g.p() * g.q()));
    }

    @Override
    public double preference(Conv2dForwardProblem problem, DeviceInfo device) {
        // As measured: the fewer taps, the more of the time goes into copying and closing up rows.
        Conv2dGeometry g = problem.geometry();
        double strided = g.strideH() * g.strideW() > 1 ? 0.45 : 0.6;
        double share = g.taps() < 16 ? 0.3 : g.r() * g.s() == 1 ? Math.min(strided, 0.45) : strided;
        return share * DirectCpu.lanesFilled(g.p(), g.q());
    }

    /** Output rows of a tile, or 0 if none fits. */
    private static int tileRows(Conv2dGeometry g, DeviceInfo device) {
        if (!PhaseLayout.fits(g)) {
            return 0;
        }
        long wanted = 4L * device.computeUnits();
        int rows = DirectCpu.tileRows(g, height -> {
            int positions = PhaseLayout.of(g, height).positions();
            return privateBytes(g, height) <= PRIVATE_BYTES / 2 && positions <= TILE_POSITIONS
                    && (positions <= 256 || (long) g.n() * g.groups() * Math.ceilDiv(g.p(), height) >= wanted);
        });
        return privateBytes(g, rows) <= PRIVATE_BYTES ? rows : 0;
    }

    private static long privateBytes(Conv2dGeometry g, int rows) {
        PhaseLayout layout = PhaseLayout.of(g, rows);
        return 4L * ((long) g.groupC() * layout.plane() + 14L * layout.positions());
    }

    @Override
    public KernelPlan plan(Conv2dForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        int rows = tileRows(g, device);
        int rowTiles = Math.ceilDiv(g.p(), rows);
        int vectors = Math.ceilDiv(PhaseLayout.of(g, rows).positions(), 16);
        DirectCpu.Blocks blocks = DirectCpu.Blocks.best(g.groupK(), vectors, device);
        long tiles = (long) g.n() * g.groups() * rowTiles;
        int blocksOfK = Math.ceilDiv(g.groupK(), blocks.broadcast());
        int parts = (int) Math.clamp(Math.ceilDiv(4L * device.computeUnits(), tiles), 1, blocksOfK);
        int partK = Math.ceilDiv(blocksOfK, parts) * blocks.broadcast();
        int partsOfK = Math.ceilDiv(g.groupK(), partK);
        KernelText text = DirectCpu.load("conv2d-forward/direct_cpu", "conv2d_forward_direct_cpu.cl", g, epilogue,
                g.outputShape().elements(), (long) g.p() * g.q())
                .with(Map.of("TILE_ROWS", rows, "ROW_TILES", rowTiles, "PART_K", partK, "K_PARTS", partsOfK, "BLOCK_K",
                        blocks.broadcast(), "BLOCK_V", blocks.vectors()));
        return KernelPlan.of(new PlannedLaunch(problem.family(), text, "conv2d_forward_direct_cpu",
                Grid.ofTiles(tiles * partsOfK), Conv2dText.references(epilogue)));
    }
}
