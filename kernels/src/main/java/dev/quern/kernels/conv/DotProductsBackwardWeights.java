package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The host device's backward-weights rung for few taps. */
final class DotProductsBackwardWeights implements Variant<Conv2dBackwardWeightsProblem> {
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
        return WeightSlices.supports(problem.geometry());
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
        return WeightSlices.plan(name(), g, device, epilogue, blockK -> new Products(g, blockK));
    }

    /** Output channels are padded to a multiple of four; the spare ones' sums are not stored. */
    private static final class Products implements WeightSlices.Sums {
        /** Flat positions at a time: eight rows of as many floats stay in the first-level cache. */
        private static final int CHUNK_POSITIONS = 1024;

        private final Conv2dGeometry g;
        private final PhaseLayout layout;
        private final int[] places;
        private final float[][] gradients;
        private final float[] sums;
        private final float[] block = new float[16];

        Products(Conv2dGeometry g, int blockK) {
            this.g = g;
            this.layout = PhaseLayout.of(g, g.p());
            this.places = WeightSlices.places(g, layout);
            this.gradients = new float[Math.ceilDiv(blockK, 4) * 4][layout.positions()];
            this.sums = new float[blockK * g.taps()];
        }

        @Override
        public void clear() {
            Arrays.fill(sums, 0);
        }

        @Override
        public void add(float[] patch, MemorySegment dy, long first, int countK) {
            for (int k = 0; k < countK; k++) {
                layout.spread(dy, first + (long) k * g.p() * g.q(), gradients[k]);
            }
            for (int from = 0; from < layout.positions(); from += CHUNK_POSITIONS) {
                int to = Math.min(layout.positions(), from + CHUNK_POSITIONS);
                for (int k = 0; k < countK; k += 4) {
                    for (int tap = 0; tap < g.taps(); tap += 4) {
                        addBlock(patch, k, countK, tap, from, to);
                    }
                }
            }
        }

        private void addBlock(float[] patch, int k, int countK, int tap, int from, int to) {
            Arrays.fill(block, 0);
            HostLoops.dot4x4(block, gradients[k], gradients[k + 1], gradients[k + 2], gradients[k + 3], patch, place(tap),
                    place(tap + 1), place(tap + 2), place(tap + 3), from, to);
            for (int j = 0; j < Math.min(4, countK - k); j++) {
                for (int t = 0; t < Math.min(4, g.taps() - tap); t++) {
                    sums[(k + j) * g.taps() + tap + t] += block[4 * j + t];
                }
            }
        }

        /** A tap past the last stands for the last. */
        private int place(int tap) {
            return places[Math.min(tap, places.length - 1)];
        }

        @Override
        public void write(float[] target, int countK) {
            System.arraycopy(sums, 0, target, 0, countK * g.taps());
        }
    }
}
