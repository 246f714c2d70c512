package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The host device's backward-weights rung. */
final class DotProductsBackwardWeights implements Variant<Conv2dBackwardWeightsProblem> {
    /** Flat positions at a time: eight rows of as many floats stay in the first-level cache. */
    private static final int CHUNK_POSITIONS = 1024;
    private static final int BLOCK_K = 32;

    @Override
    public String name() {
        return "dot_products";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Copies each image once with its padding; then sixteen dot products at a time, of four output channels and four "
                + "taps, run through an output plane. Slices of the batch are summed apart and added in a second launch.";
    }

    @Override
    public Support supports(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        Conv2dGeometry g = problem.geometry();
        return Support.when(PhaseLayout.fits(g) && PhaseLayout.outputsFit(g), "a padded image does not fit the scratch memory")
                .and(Support.when((double) BLOCK_K * g.taps() < 1 << 26, "the filters do not fit the scratch memory"));
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardWeightsProblem problem) {
        return HostConv2d.takes(epilogue);
    }

    @Override
    public double preference(Conv2dBackwardWeightsProblem problem, DeviceInfo device) {
        return 0.2;
    }

    @Override
    public KernelPlan plan(Conv2dBackwardWeightsProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        Tiles tiles = new Tiles(g, device.computeUnits(), new HostEpilogue(epilogue));
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(0), Reference.operand(1),
                tiles.slices == 1 ? Reference.operand(2) : Reference.workspace(0)));
        arguments.addAll(Conv2dText.epilogueReferences(epilogue));
        PlannedLaunch sums = new PlannedLaunch("sum slices of the batch",
                HostCode.of("conv2d-backward-weights/dot_products", "slices", tiles::run), "slices",
                Grid.ofTiles(tiles.count()), arguments);
        if (tiles.slices == 1) {
            return KernelPlan.of(sums);
        }
        List<Reference> joined = new ArrayList<>(List.of(Reference.workspace(0), Reference.operand(2)));
        joined.addAll(Conv2dText.epilogueReferences(epilogue));
        PlannedLaunch join = new PlannedLaunch("join slices",
                HostCode.of("conv2d-backward-weights/dot_products join", "join", tiles::join), "join", Grid.ofTiles(g.k()),
                joined);
        return new KernelPlan(List.of(sums, join), List.of((long) tiles.slices * g.k() * g.taps() * Float.BYTES));
    }

    /** The tiles of one problem. Tile number: (slice * groups + group) * blocks of k + block. */
    private static final class Tiles {
        private final Conv2dGeometry g;
        private final HostEpilogue epilogue;
        private final PhaseLayout layout;
        private final int blockK;
        private final int blocksK;
        private final int slices;
        private final ThreadLocal<Scratch> scratch;

        Tiles(Conv2dGeometry g, int cores, HostEpilogue epilogue) {
            this.g = g;
            this.epilogue = epilogue;
            this.layout = PhaseLayout.of(g, g.p());
            this.blockK = Math.min(g.groupK(), BLOCK_K);
            this.blocksK = Math.ceilDiv(g.groupK(), blockK);
            int wanted = (int) Math.min(g.n(), Math.ceilDiv(4L * cores, (long) g.groups() * blocksK));
            int images = Math.ceilDiv(g.n(), wanted);
            this.slices = Math.ceilDiv(g.n(), images);
            this.scratch = ThreadLocal.withInitial(() -> new Scratch(layout, g, blockK));
        }

        long count() {
            return (long) slices * g.groups() * blocksK;
        }

        private int firstImage(int slice) {
            return Math.min(g.n(), slice * Math.ceilDiv(g.n(), slices));
        }

        /** A thread's own memory. Output channels are padded to a multiple of four; the spare ones' sums are not stored. */
        private static final class Scratch {
            private final float[] patch;
            private final float[] line;
            private final float[][] gradients;
            private final float[] sums;
            private final float[] block = new float[16];

            Scratch(PhaseLayout layout, Conv2dGeometry g, int blockK) {
                int paddedK = Math.ceilDiv(blockK, 4) * 4;
                this.patch = new float[g.groupC() * layout.plane()];
                this.line = new float[Math.max(g.w(), g.taps())];
                this.gradients = new float[paddedK][layout.positions()];
                this.sums = new float[blockK * g.taps()];
            }
        }

        void run(HostArguments arguments, long tile) {
            int firstK = (int) (tile % blocksK) * blockK;
            int group = (int) (tile / blocksK % g.groups());
            int slice = (int) (tile / ((long) blocksK * g.groups()));
            int countK = Math.min(blockK, g.groupK() - firstK);
            int outputK = group * g.groupK() + firstK;
            Scratch own = scratch.get();
            int count = countK * g.taps();
            Arrays.fill(own.sums, 0, count, 0);
            for (int n = firstImage(slice); n < firstImage(slice + 1); n++) {
                for (int c = 0; c < g.groupC(); c++) {
                    long plane = ((long) n * g.c() + (long) group * g.groupC() + c) * g.h() * g.w();
                    layout.load(arguments.memory(0), plane, 0, own.line, own.patch, c * layout.plane());
                }
                for (int k = 0; k < countK; k++) {
                    layout.spread(arguments.memory(1), ((long) n * g.k() + outputK + k) * g.p() * g.q(), own.gradients[k]);
                }
                addImage(own, countK);
            }
            long first = (long) outputK * g.taps();
            if (slices == 1) {
                epilogue.apply(own.sums, 0, count, first, arguments, 3);
            } else {
                first += (long) slice * g.k() * g.taps();
            }
            MemorySegment.copy(own.sums, 0, arguments.memory(2), ValueLayout.JAVA_FLOAT, first * Float.BYTES, count);
        }

        private void addImage(Scratch own, int countK) {
            for (int from = 0; from < layout.positions(); from += CHUNK_POSITIONS) {
                int to = Math.min(layout.positions(), from + CHUNK_POSITIONS);
                for (int k = 0; k < countK; k += 4) {
                    for (int tap = 0; tap < g.taps(); tap += 4) {
                        addBlock(own, k, countK, tap, from, to);
                    }
                }
            }
        }

        private void addBlock(Scratch own, int k, int countK, int tap, int from, int to) {
            float[][] dy = own.gradients;
            Arrays.fill(own.block, 0);
            HostLoops.dot4x4(own.block, dy[k], dy[k + 1], dy[k + 2], dy[k + 3], own.patch, place(tap), place(tap + 1),
                    place(tap + 2), place(tap + 3), from, to);
            for (int j = 0; j < Math.min(4, countK - k); j++) {
                for (int t = 0; t < Math.min(4, g.taps() - tap); t++) {
                    own.sums[(k + j) * g.taps() + tap + t] += own.block[4 * j + t];
                }
            }
        }

        /** Where a tap's pixels begin in the patch; a tap past the last stands for the last. */
        private int place(int tap) {
            int valid = Math.min(tap, g.taps() - 1);
            return valid / (g.r() * g.s()) * layout.plane() + layout.offset(valid / g.s() % g.r(), valid % g.s());
        }

        /** Adds the slices of one output channel in their order. */
        void join(HostArguments arguments, long k) {
            Scratch own = scratch.get();
            int taps = g.taps();
            Arrays.fill(own.sums, 0, taps, 0);
            for (int slice = 0; slice < slices; slice++) {
                MemorySegment.copy(arguments.memory(0), ValueLayout.JAVA_FLOAT, ((long) slice * g.k() + k) * taps * Float.BYTES,
                        own.line, 0, taps);
                HostLoops.add(own.sums, own.line, 0, taps);
            }
            epilogue.apply(own.sums, 0, taps, k * taps, arguments, 2);
            MemorySegment.copy(own.sums, 0, arguments.memory(1), ValueLayout.JAVA_FLOAT, k * taps * Float.BYTES, taps);
        }
    }
}
