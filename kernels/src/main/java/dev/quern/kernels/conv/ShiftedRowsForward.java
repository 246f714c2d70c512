package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The host device's forward rung. */
final class ShiftedRowsForward implements Variant<Conv2dForwardProblem> {
    /** Flat positions a tile: six rows of as many floats stay in the first-level cache. */
    private static final int TILE_POSITIONS = 1536;
    /** Output channels a group: so often is a shifted row used once it is made. */
    private static final int BLOCK_K = 32;

    @Override
    public String name() {
        return "shifted_rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Copies a tile of the image once with its padding, then each tap's pixels as one contiguous row; plain loops "
                + "that the JIT vectorises add four scaled rows at a time to the sums of two output channels.";
    }

    @Override
    public Support supports(Conv2dForwardProblem problem, DeviceInfo device) {
        return Support.when(PhaseLayout.fits(problem.geometry()), "a padded image does not fit the scratch memory");
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dForwardProblem problem) {
        return HostConv2d.takes(epilogue);
    }

    @Override
    public double preference(Conv2dForwardProblem problem, DeviceInfo device) {
        return 0.3;
    }

    @Override
    public KernelPlan plan(Conv2dForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Tiles tiles = new Tiles(problem.geometry(), device.computeUnits(), new HostEpilogue(epilogue));
        return KernelPlan.of(new PlannedLaunch(problem.family(),
                HostCode.of("conv2d-forward/shifted_rows", "forward", tiles::run), "forward", Grid.ofTiles(tiles.count()),
                Conv2dText.references(epilogue)));
    }

    /** The tiles of one problem. Tile number: ((image * groups + group) * blocks of k + block) * row tiles + row tile. */
    private static final class Tiles {
        private final Conv2dGeometry g;
        private final HostEpilogue epilogue;
        private final int rowsPerTile;
        private final int rowTiles;
        private final int blockK;
        private final int blocksK;
        private final PhaseLayout whole;
        private final PhaseLayout last;
        private final ThreadLocal<Scratch> scratch;

        Tiles(Conv2dGeometry g, int cores, HostEpilogue epilogue) {
            this.g = g;
            this.epilogue = epilogue;
            this.rowsPerTile = Math.clamp(TILE_POSITIONS / PhaseLayout.of(g, 1).columns(), 1, g.p());
            this.rowTiles = Math.ceilDiv(g.p(), rowsPerTile);
            long others = (long) g.n() * g.groups() * rowTiles;
            int wanted = (int) Math.max(Math.ceilDiv(g.groupK(), BLOCK_K), Math.ceilDiv(4L * cores, others));
            this.blockK = Math.max(Math.min(2, g.groupK()), Math.ceilDiv(g.groupK(), wanted));
            this.blocksK = Math.ceilDiv(g.groupK(), blockK);
            this.whole = PhaseLayout.of(g, rowsPerTile);
            this.last = PhaseLayout.of(g, g.p() - (rowTiles - 1) * rowsPerTile);
            this.scratch = ThreadLocal.withInitial(() -> new Scratch(whole, g, blockK));
        }

        long count() {
            return (long) g.n() * g.groups() * blocksK * rowTiles;
        }

        /** A thread's own memory. Weights and sums have a spare row, and taps are padded to a multiple of four with zeros. */
        private static final class Scratch {
            private final int paddedTaps;
            private final float[] patch;
            private final float[] line;
            private final float[] weights;
            private final float[][] sums;
            private final float[][] shifted;
            private final float[] zeros;
            private final float[][] rows = new float[4][];

            Scratch(PhaseLayout layout, Conv2dGeometry g, int blockK) {
                this.paddedTaps = Math.ceilDiv(g.taps(), 4) * 4;
                this.patch = new float[g.groupC() * layout.plane()];
                this.line = new float[g.w()];
                this.weights = new float[(blockK + 1) * paddedTaps];
                this.sums = new float[blockK + 1][layout.positions()];
                this.shifted = new float[4][layout.positions()];
                this.zeros = new float[layout.positions()];
            }
        }

        void run(HostArguments arguments, long tile) {
            int firstP = (int) (tile % rowTiles) * rowsPerTile;
            int firstK = (int) (tile / rowTiles % blocksK) * blockK;
            int group = (int) (tile / ((long) rowTiles * blocksK) % g.groups());
            int n = (int) (tile / ((long) rowTiles * blocksK * g.groups()));
            int countK = Math.min(blockK, g.groupK() - firstK);
            PhaseLayout layout = firstP + rowsPerTile > g.p() ? last : whole;
            Scratch own = scratch.get();
            MemorySegment x = arguments.memory(0);
            for (int c = 0; c < g.groupC(); c++) {
                long plane = ((long) n * g.c() + (long) group * g.groupC() + c) * g.h() * g.w();
                layout.load(x, plane, firstP, own.line, own.patch, c * layout.plane());
            }
            int k = group * g.groupK() + firstK;
            for (int j = 0; j < countK; j++) {
                MemorySegment.copy(arguments.memory(1), ValueLayout.JAVA_FLOAT, (long) (k + j) * g.taps() * Float.BYTES,
                        own.weights, j * own.paddedTaps, g.taps());
                Arrays.fill(own.sums[j], 0);
            }
            multiply(own, layout, countK);
            store(arguments, own, layout, n, k, countK, firstP);
        }

        private void multiply(Scratch own, PhaseLayout layout, int countK) {
            float[][] rows = own.rows;
            int positions = layout.positions();
            for (int tap = 0; tap < g.taps(); tap += 4) {
                for (int t = 0; t < 4; t++) {
                    int s = (tap + t) % g.s();
                    int r = (tap + t) / g.s() % g.r();
                    int c = (tap + t) / (g.s() * g.r());
                    if (tap + t < g.taps()) {
                        rows[t] = own.shifted[t];
                        System.arraycopy(own.patch, c * layout.plane() + layout.offset(r, s), rows[t], 0, positions);
                    } else {
                        rows[t] = own.zeros;
                    }
                }
                for (int j = 0; j < countK; j += 2) {
                    HostLoops.multiply2x4(own.sums[j], own.sums[j + 1], rows[0], rows[1], rows[2], rows[3], own.weights,
                            j * own.paddedTaps + tap, (j + 1) * own.paddedTaps + tap, 0, positions);
                }
            }
        }

        private void store(HostArguments arguments, Scratch own, PhaseLayout layout, int n, int k, int countK, int firstP) {
            for (int j = 0; j < countK; j++) {
                float[] sums = own.sums[j];
                long first = (((long) n * g.k() + k + j) * g.p() + firstP) * g.q();
                for (int p = 1; p < layout.outputs(); p++) {
                    System.arraycopy(sums, p * layout.columns(), sums, p * g.q(), g.q());
                }
                int count = layout.outputs() * g.q();
                epilogue.apply(sums, 0, count, first, arguments, 3);
                MemorySegment.copy(sums, 0, arguments.memory(2), ValueLayout.JAVA_FLOAT, first * Float.BYTES, count);
            }
        }
    }
}
