package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The frame of the host device's backward-weights rungs: a tile copies each image of a slice of the batch once with its padding
 * and adds up the gradients of a block of output channels; slices are joined in a second launch, in their order. Tile number:
 * (slice * groups + group) * blocks of k + block.
 */
final class WeightSlices {
    private static final int BLOCK_K = 32;

    /** How a rung adds up what images contribute. One thread's own. */
    interface Sums {
        /** Sets every sum to 0. */
        void clear();

        /**
         * Adds an image.
         *
         * @param patch  the padded copies of a group's channels, as {@link PhaseLayout} lays them out
         * @param dy     the gradient of the output
         * @param first  the element of it where the first output channel's plane begins; the others follow
         * @param countK how many output channels
         */
        void add(float[] patch, MemorySegment dy, long first, int countK);

        /** Writes the sums, dense, [output channels, taps]. */
        void write(float[] target, int countK);
    }

    private final Conv2dGeometry g;
    private final HostEpilogue epilogue;
    private final PhaseLayout layout;
    private final int blockK;
    private final int blocksK;
    private final int slices;
    private final ThreadLocal<Scratch> scratch;

    private WeightSlices(Conv2dGeometry g, int cores, HostEpilogue epilogue, IntFunction<Sums> sums) {
        this.g = g;
        this.epilogue = epilogue;
        this.layout = PhaseLayout.of(g, g.p());
        this.blockK = Math.min(g.groupK(), BLOCK_K);
        this.blocksK = Math.ceilDiv(g.groupK(), blockK);
        int wanted = (int) Math.min(g.n(), Math.ceilDiv(4L * cores, (long) g.groups() * blocksK));
        int images = Math.ceilDiv(g.n(), wanted);
        this.slices = Math.ceilDiv(g.n(), images);
        this.scratch = ThreadLocal.withInitial(() -> new Scratch(layout, g, blockK, sums.apply(blockK)));
    }

    /** A thread's own memory. */
    private static final class Scratch {
        private final float[] patch;
        private final float[] line;
        private final float[] dense;
        private final Sums sums;

        Scratch(PhaseLayout layout, Conv2dGeometry g, int blockK, Sums sums) {
            this.patch = new float[g.groupC() * layout.plane()];
            this.line = new float[Math.max(g.w(), g.taps())];
            this.dense = new float[blockK * g.taps()];
            this.sums = sums;
        }
    }

    static Support supports(Conv2dGeometry g) {
        return Support.when(PhaseLayout.fits(g) && PhaseLayout.outputsFit(g), "a padded image does not fit the scratch memory")
                .and(Support.when((double) BLOCK_K * g.taps() < 1 << 26, "the filters do not fit the scratch memory"));
    }

    /**
     * The launches of a rung.
     *
     * @param name the rung's
     * @param sums makes one thread's sums for at most so many output channels
     */
    static KernelPlan plan(String name, Conv2dGeometry g, DeviceInfo device, Epilogue epilogue, IntFunction<Sums> sums) {
        WeightSlices tiles = new WeightSlices(g, device.computeUnits(), new HostEpilogue(epilogue), sums);
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(0), Reference.operand(1),
                tiles.slices == 1 ? Reference.operand(2) : Reference.workspace(0)));
        arguments.addAll(Conv2dText.epilogueReferences(epilogue));
        String program = "conv2d-backward-weights/" + name;
        PlannedLaunch slices = new PlannedLaunch("sum slices of the batch", HostCode.of(program, "slices", tiles::run), "slices",
                Grid.ofTiles(tiles.count()), arguments);
        if (tiles.slices == 1) {
            return KernelPlan.of(slices);
        }
        List<Reference> joined = new ArrayList<>(List.of(Reference.workspace(0), Reference.operand(2)));
        joined.addAll(Conv2dText.epilogueReferences(epilogue));
        PlannedLaunch join = new PlannedLaunch("join slices", HostCode.of(program + " join", "join", tiles::join), "join",
                Grid.ofTiles(g.k()), joined);
        return new KernelPlan(List.of(slices, join), List.of((long) tiles.slices * g.k() * g.taps() * Float.BYTES));
    }

    private long count() {
        return (long) slices * g.groups() * blocksK;
    }

    private int firstImage(int slice) {
        return Math.min(g.n(), slice * Math.ceilDiv(g.n(), slices));
    }

    private void run(HostArguments arguments, long tile) {
        int firstK = (int) (tile % blocksK) * blockK;
        int group = (int) (tile / blocksK % g.groups());
        int slice = (int) (tile / ((long) blocksK * g.groups()));
        int countK = Math.min(blockK, g.groupK() - firstK);
        int outputK = group * g.groupK() + firstK;
        Scratch own = scratch.get();
        own.sums.clear();
        for (int n = firstImage(slice); n < firstImage(slice + 1); n++) {
            for (int c = 0; c < g.groupC(); c++) {
                long plane = ((long) n * g.c() + (long) group * g.groupC() + c) * g.h() * g.w();
                layout.load(arguments.memory(0), plane, 0, own.line, own.patch, c * layout.plane());
            }
            own.sums.add(own.patch, arguments.memory(1), ((long) n * g.k() + outputK) * g.p() * g.q(), countK);
        }
        own.sums.write(own.dense, countK);
        int count = countK * g.taps();
        long first = (long) outputK * g.taps();
        if (slices == 1) {
            epilogue.apply(own.dense, 0, count, first, arguments, 3);
        } else {
            first += (long) slice * g.k() * g.taps();
        }
        MemorySegment.copy(own.dense, 0, arguments.memory(2), ValueLayout.JAVA_FLOAT, first * Float.BYTES, count);
    }

    /** Adds the slices of one output channel in their order. */
    private void join(HostArguments arguments, long k) {
        Scratch own = scratch.get();
        int taps = g.taps();
        Arrays.fill(own.dense, 0, taps, 0);
        for (int slice = 0; slice < slices; slice++) {
            MemorySegment.copy(arguments.memory(0), ValueLayout.JAVA_FLOAT, ((long) slice * g.k() + k) * taps * Float.BYTES,
                    own.line, 0, taps);
            HostLoops.add(own.dense, own.line, 0, taps);
        }
        epilogue.apply(own.dense, 0, taps, k * taps, arguments, 2);
        MemorySegment.copy(own.dense, 0, arguments.memory(1), ValueLayout.JAVA_FLOAT, k * taps * Float.BYTES, taps);
    }

    /** Where each tap's pixels begin in a patch. */
    static int[] places(Conv2dGeometry g, PhaseLayout layout) {
        int[] places = new int[g.taps()];
        for (int tap = 0; tap < places.length; tap++) {
            places[tap] = tap / (g.r() * g.s()) * layout.plane() + layout.offset(tap / g.s() % g.r(), tap % g.s());
        }
        return places;
    }
}
