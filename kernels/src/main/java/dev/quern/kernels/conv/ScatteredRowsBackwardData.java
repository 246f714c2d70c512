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

/** The host device's backward-data rung: the forward rung turned round. */
final class ScatteredRowsBackwardData implements Variant<Conv2dBackwardDataProblem> {
    /** Flat positions at a time: six rows of as many floats stay in the first-level cache. */
    private static final int CHUNK_POSITIONS = 1536;
    private static final int BLOCK_C = 16;

    @Override
    public String name() {
        return "scattered_rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "For each tap, plain loops that the JIT vectorises add the gradients of all output channels, scaled by the tap's "
                + "weights, into one row, which is then added at the tap's shift to a padded copy of the input's gradient. "
                + "No product with padding is computed, and strides cost nothing.";
    }

    @Override
    public Support supports(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        return Support.when(PhaseLayout.fits(problem.geometry()) && PhaseLayout.outputsFit(problem.geometry()),
                "a padded image does not fit the scratch memory");
    }

    @Override
    public Support takes(Epilogue epilogue, Conv2dBackwardDataProblem problem) {
        return HostConv2d.takes(epilogue);
    }

    @Override
    public double preference(Conv2dBackwardDataProblem problem, DeviceInfo device) {
        return 0.3;
    }

    @Override
    public KernelPlan plan(Conv2dBackwardDataProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Tiles tiles = new Tiles(problem.geometry(), device.computeUnits(), new HostEpilogue(epilogue));
        return KernelPlan.of(new PlannedLaunch(problem.family(),
                HostCode.of("conv2d-backward-data/scattered_rows", "backward", tiles::run), "backward",
                Grid.ofTiles(tiles.count()), Conv2dText.references(epilogue)));
    }

    /** The tiles of one problem. Tile number: (image * groups + group) * blocks of c + block. */
    private static final class Tiles {
        private final Conv2dGeometry g;
        private final HostEpilogue epilogue;
        private final PhaseLayout layout;
        private final int blockC;
        private final int blocksC;
        private final ThreadLocal<Scratch> scratch;

        Tiles(Conv2dGeometry g, int cores, HostEpilogue epilogue) {
            this.g = g;
            this.epilogue = epilogue;
            this.layout = PhaseLayout.of(g, g.p());
            int wanted = (int) Math.max(Math.ceilDiv(g.groupC(), BLOCK_C), Math.ceilDiv(4L * cores, (long) g.n() * g.groups()));
            this.blockC = Math.ceilDiv(g.groupC(), wanted);
            this.blocksC = Math.ceilDiv(g.groupC(), blockC);
            this.scratch = ThreadLocal.withInitial(() -> new Scratch(layout, g, blockC));
        }

        long count() {
            return (long) g.n() * g.groups() * blocksC;
        }

        /** A thread's own memory. Output channels and taps are padded to multiples of four and two with zeros. */
        private static final class Scratch {
            private final int paddedK;
            private final float[] weightLine;
            /** [taps of the block, padded K]. */
            private final float[] weights;
            private final float[][] gradients;
            private final float[] even;
            private final float[] odd;
            private final float[] shifted;
            private final float[] patch;
            private final float[] line;

            Scratch(PhaseLayout layout, Conv2dGeometry g, int blockC) {
                int taps = blockC * g.r() * g.s();
                this.paddedK = Math.ceilDiv(g.groupK(), 4) * 4;
                this.weightLine = new float[taps];
                this.weights = new float[(taps + 1) * paddedK];
                this.gradients = new float[paddedK][layout.positions()];
                this.even = new float[layout.positions()];
                this.odd = new float[layout.positions()];
                this.shifted = new float[layout.positions()];
                this.patch = new float[blockC * layout.plane()];
                this.line = new float[g.w()];
            }
        }

        void run(HostArguments arguments, long tile) {
            int firstC = (int) (tile % blocksC) * blockC;
            int group = (int) (tile / blocksC % g.groups());
            int n = (int) (tile / ((long) blocksC * g.groups()));
            int countC = Math.min(blockC, g.groupC() - firstC);
            Scratch own = scratch.get();
            for (int k = 0; k < g.groupK(); k++) {
                long outputK = (long) group * g.groupK() + k;
                layout.spread(arguments.memory(0), (n * (long) g.k() + outputK) * g.p() * g.q(), own.gradients[k]);
                transposeWeights(arguments.memory(1), own, outputK, k, firstC, countC);
            }
            Arrays.fill(own.patch, 0, countC * layout.plane(), 0);
            multiply(own, countC);
            store(arguments, own, ((long) n * g.c() + (long) group * g.groupC() + firstC), countC);
        }

        private void transposeWeights(MemorySegment filter, Scratch own, long outputK, int k, int firstC, int countC) {
            int taps = countC * g.r() * g.s();
            long first = (outputK * g.groupC() + firstC) * g.r() * g.s();
            MemorySegment.copy(filter, ValueLayout.JAVA_FLOAT, first * Float.BYTES, own.weightLine, 0, taps);
            for (int tap = 0; tap < taps; tap++) {
                own.weights[tap * own.paddedK + k] = own.weightLine[tap];
            }
        }

        private void multiply(Scratch own, int countC) {
            int taps = countC * g.r() * g.s();
            int positions = layout.positions();
            for (int from = 0; from < positions; from += CHUNK_POSITIONS) {
                int to = Math.min(positions, from + CHUNK_POSITIONS);
                for (int tap = 0; tap < taps; tap += 2) {
                    Arrays.fill(own.even, from, to, 0);
                    Arrays.fill(own.odd, from, to, 0);
                    for (int k = 0; k < own.paddedK; k += 4) {
                        float[][] dy = own.gradients;
                        HostLoops.multiply2x4(own.even, own.odd, dy[k], dy[k + 1], dy[k + 2], dy[k + 3], own.weights,
                                tap * own.paddedK + k, (tap + 1) * own.paddedK + k, from, to);
                    }
                    addShifted(own, own.even, tap, from, to);
                    if (tap + 1 < taps) {
                        addShifted(own, own.odd, tap + 1, from, to);
                    }
                }
            }
        }

        private void addShifted(Scratch own, float[] row, int tap, int from, int to) {
            int at = tap / (g.r() * g.s()) * layout.plane() + layout.offset(tap / g.s() % g.r(), tap % g.s()) + from;
            System.arraycopy(own.patch, at, own.shifted, from, to - from);
            HostLoops.add(own.shifted, row, from, to);
            System.arraycopy(own.shifted, from, own.patch, at, to - from);
        }

        private void store(HostArguments arguments, Scratch own, long firstPlane, int countC) {
            for (int c = 0; c < countC; c++) {
                for (int h = 0; h < g.h(); h++) {
                    long first = ((firstPlane + c) * g.h() + h) * g.w();
                    layout.row(own.patch, c * layout.plane(), h, own.line);
                    epilogue.apply(own.line, 0, g.w(), first, arguments, 3);
                    MemorySegment.copy(own.line, 0, arguments.memory(2), ValueLayout.JAVA_FLOAT, first * Float.BYTES, g.w());
                }
            }
        }
    }
}
