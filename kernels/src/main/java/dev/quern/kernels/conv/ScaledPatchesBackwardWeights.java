package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The host device's backward-weights rung for many taps. */
final class ScaledPatchesBackwardWeights implements Variant<Conv2dBackwardWeightsProblem> {
    /** From how many taps on rows are long enough. Times as fast as dot products: 0.88 with 27 taps, 1.5 with 45, 2.8 with 150. */
    private static final int LEAST_TAPS = 40;

    @Override
    public String name() {
        return "scaled_patches";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "The sums of an output channel are one row along the taps, and so is what the taps read at an output position. Plain "
                + "loops that the JIT vectorises add four such rows, scaled by the output's gradients, to the sums of two channels: "
                + "no dot product has to be summed across a vector.";
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
        return problem.geometry().taps() < LEAST_TAPS ? 0.15 : 0.3;
    }

    @Override
    public KernelPlan plan(Conv2dBackwardWeightsProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Conv2dGeometry g = problem.geometry();
        return WeightSlices.plan(name(), g, device, epilogue, blockK -> new Patches(g, blockK));
    }

    /** Sums have a spare row, for an odd number of channels, and positions are padded to a multiple of four with zeros. */
    private static final class Patches implements WeightSlices.Sums {
        private final Conv2dGeometry g;
        private final int columns;
        private final int[] places;
        private final int positions;
        private final int stride;
        private final float[] gradients;
        private final float[][] sums;
        private final float[][] rows;
        private final float[] zeros;

        Patches(Conv2dGeometry g, int blockK) {
            PhaseLayout layout = PhaseLayout.of(g, g.p());
            this.g = g;
            this.columns = layout.columns();
            this.places = WeightSlices.places(g, layout);
            this.positions = g.p() * g.q();
            this.stride = Math.ceilDiv(positions, 4) * 4;
            this.gradients = new float[(blockK + 1) * stride];
            this.sums = new float[blockK + 1][g.taps()];
            this.rows = new float[4][g.taps()];
            this.zeros = new float[g.taps()];
        }

        @Override
        public void clear() {
            for (float[] row : sums) {
                Arrays.fill(row, 0);
            }
        }

        @Override
        public void add(float[] patch, MemorySegment dy, long first, int countK) {
            for (int k = 0; k < countK; k++) {
                MemorySegment.copy(dy, ValueLayout.JAVA_FLOAT, (first + (long) k * positions) * Float.BYTES, gradients, k * stride,
                        positions);
            }
            for (int position = 0; position < positions; position += 4) {
                for (int i = 0; i < 4 && position + i < positions; i++) {
                    gather(patch, (position + i) / g.q() * columns + (position + i) % g.q(), places, rows[i]);
                }
                float[] x1 = position + 1 < positions ? rows[1] : zeros;
                float[] x2 = position + 2 < positions ? rows[2] : zeros;
                float[] x3 = position + 3 < positions ? rows[3] : zeros;
                for (int k = 0; k < countK; k += 2) {
                    HostLoops.multiply2x4(sums[k], sums[k + 1], rows[0], x1, x2, x3, gradients, k * stride + position,
                            (k + 1) * stride + position, 0, zeros.length);
                }
            }
        }

        private static void gather(float[] patch, int from, int[] places, float[] row) {
            for (int tap = 0; tap < row.length; tap++) {
                row[tap] = patch[from + places[tap]];
            }
        }

        @Override
        public void write(float[] target, int countK) {
            for (int k = 0; k < countK; k++) {
                System.arraycopy(sums[k], 0, target, k * g.taps(), g.taps());
            }
        }
    }
}
