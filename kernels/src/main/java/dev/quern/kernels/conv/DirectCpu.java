package dev.quern.kernels.conv;

import dev.quern.kernels.KernelResource;
import dev.quern.kernels.PastCaches;
import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** What the direct rungs for CPUs share: who may run them, their text, and the shape of their register blocks. */
final class DirectCpu {
    private static final long PASSING_BYTES = 8 << 20;

    private DirectCpu() {
    }

    /** The share of sixteen lanes that planes of so many pixels fill, where pixels are the lanes. */
    static double lanesFilled(int rows, int columns) {
        return Math.min(1, (double) rows * columns / 16);
    }

    static Support onlyCpu(DeviceInfo device) {
        return Support.when(device.kind() == DeviceKind.CPU, "made for CPUs: one work-item owns a whole tile");
    }

    /** A kernel file behind the padded layout's functions and the epilogue, with the geometry defined. */
    static KernelText load(String name, String file, Conv2dGeometry g, Epilogue epilogue, long elements, long run) {
        String text = EpilogueText.render(epilogue, elements, run, 16) + texts("conv2d_vectors.h", "conv2d_finish.h",
                "conv2d_phases.h", file);
        return KernelText.of(name, Dialect.OPENCL, text).with(Conv2dText.defines(g));
    }

    /** Files of this package, one after the other. */
    static String texts(String... files) {
        return Arrays.stream(files).map(file -> KernelResource.text(DirectCpu.class, file)).collect(Collectors.joining());
    }

    /** The same with another file of shared functions between. */
    static KernelText load(String name, String file, String shared, Conv2dGeometry g, Epilogue epilogue, long elements,
            long run) {
        return load(name, shared, g, epilogue, elements, run).and(KernelResource.text(DirectCpu.class, file));
    }

    /** Whether outputs are stored past the caches (1) or not (0): those that would not stay in a core's own caches anyway. */
    static int passesCaches(Shape outputs) {
        return PastCaches.are(4.0 * outputs.elements(), PASSING_BYTES) ? 1 : 0;
    }

    /**
     * How many vectors of sixteen floats the registers hold: 32 with AVX-512, 8 with sixteen registers of half the width.
     */
    static int registers(DeviceInfo device) {
        return device.vectorBytes() >= 64 ? 32 : 8;
    }

    /** The fewest even tiles of output rows whose height {@code fits}; a height of 1 if none does. */
    static int tileRows(Conv2dGeometry g, IntPredicate fits) {
        for (int tiles = 1; tiles < g.p(); tiles++) {
            int rows = Math.ceilDiv(g.p(), tiles);
            if (fits.test(rows)) {
                return rows;
            }
        }
        return 1;
    }

    /**
     * A block of accumulators in registers: so many channels, whose weights are broadcast, by so many vectors of positions.
     */
    record Blocks(int broadcast, int vectors) {
        private static final int MOST_BROADCAST = 12;

        /** The block with the fewest estimated cycles a tap for all channels and positions, remainders included. */
        static Blocks best(int channels, int vectors, DeviceInfo device) {
            int registers = registers(device);
            Blocks best = new Blocks(1, 1);
            double least = Double.POSITIVE_INFINITY;
            for (int k = 1; k <= Math.min(channels, Math.min(MOST_BROADCAST, registers / 2)); k++) {
                for (int v = 1; v <= vectors && 4 * k * v <= 3 * registers && (k + 1) * v < registers; v++) {
                    double cycles = total(channels, k, vectors, v);
                    if (cycles < least) {
                        least = cycles;
                        best = new Blocks(k, v);
                    }
                }
            }
            return best;
        }

        private static double total(int channels, int k, int vectors, int v) {
            int wholeK = channels / k;
            int wholeV = vectors / v;
            int restK = channels % k;
            int restV = vectors % v;
            return wholeK * (wholeV * cycles(k, v) + cycles(k, restV)) + wholeV * cycles(restK, v) + cycles(restK, restV);
        }

        /**
         * Cycles of one tap in one block: two multiply-adds a cycle, two broadcasts a cycle, 1.75 cycles for a vector that
         * crosses a cache line (measured on Ice Lake); a multiply-add's result is four cycles away.
         */
        private static double cycles(int k, int v) {
            if (k == 0 || v == 0) {
                return 0;
            }
            return Math.max(Math.max(k * v / 2.0, 1.75 * v + k / 2.0), 4) + 0.5;
        }
    }
}
