package dev.quern.kernels.conv;

import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Support;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * How a depthwise convolution is cut up: bands of rows whose copy, and whose results before they are stored, stay in the
 * first-level cache, and as many planes a work-item as make it worth a launch.
 *
 * @param g      the convolution
 * @param copied rows of a copy for so many rows of a band, and their columns
 * @param height rows that bands divide
 * @param width  columns of such a row
 */
record DepthwiseBands(Conv2dGeometry g, Copied copied, int height, int width) {
    /** Taps whose loops are unrolled. */
    private static final int MOST_TAPS = 64;
    private static final int BAND_BYTES = 28 * 1024;
    private static final long MOST_BYTES = 256 * 1024;
    private static final int MOST_ELEMENTS = 8192;
    /** Vectors may reach so many floats past the last one, of every phase of the stride. */
    private static final int MARGIN = 32;

    /** Floats of the copy for so many rows of a band. */
    private interface Copied {
        double floats(int rows);
    }

    /** Bands of output rows, which see rows of the input. */
    static DepthwiseBands ofOutputs(Conv2dGeometry g) {
        double columns = g.strideW() * (g.q() + (g.s() - 1.0) * g.dilationW() / g.strideW());
        return new DepthwiseBands(g, rows -> columns * ((rows - 1.0) * g.strideH() + (g.r() - 1.0) * g.dilationH() + 1), g.p(),
                g.q());
    }

    /** Bands of input rows, which see rows of the output. */
    static DepthwiseBands ofInputs(Conv2dGeometry g) {
        double columns = (g.w() + (double) g.padLeft() + (g.s() - 1.0) * g.dilationW()) / g.strideW() + 2;
        return new DepthwiseBands(g, rows -> columns * ((rows + (g.r() - 1.0) * g.dilationH()) / g.strideH() + 2), g.h(), g.w());
    }

    Support supports(DeviceInfo device) {
        return DirectCpu.onlyCpu(device)
                .and(Support.when(g.groupC() == 1, "made for filters that see a single input channel"))
                .and(Support.when((long) g.r() * g.s() <= MOST_TAPS, "made for at most " + MOST_TAPS + " taps"))
                .and(Support.when(4 * copied.floats(1) + 4.0 * width <= MOST_BYTES,
                        "a row needs more than " + MOST_BYTES / 1024 + " KiB of private memory"))
                .and(Support.when((long) g.n() * g.k() < 1 << 30, "planes past 2^30"));
    }

    /**
     * What rungs whose lanes are pixels of a row say of themselves. Rows of less than a vector are better taken across their
     * ends, as direct_cpu does it (7x7 pixels: 1.3 times as quick forward, twice as quick for the weights), and each output
     * channel copies its input channel anew.
     */
    double preference() {
        return (width >= 16 ? 0.9 : 0.2) / g.groupK();
    }

    /** Rows of a band. */
    int rows() {
        for (int bands = 1; bands < height; bands++) {
            int rows = Math.ceilDiv(height, bands);
            if (4 * copied.floats(rows) + 4.0 * rows * width <= BAND_BYTES) {
                return rows;
            }
        }
        return 1;
    }

    /** Bands of a plane. */
    int count() {
        return Math.ceilDiv(height, rows());
    }

    /** Planes of a work-item. */
    int planes(DeviceInfo device) {
        long most = Math.max(1, (long) g.n() * g.k() / (8L * device.computeUnits()));
        return (int) Math.clamp(MOST_ELEMENTS / ((long) height * width), 1L, most);
    }

    /** A kernel's text behind what depthwise kernels share. */
    KernelText text(String name, String epilogue, String file) {
        Map<String, Integer> defines = new TreeMap<>(Map.of("R", g.r(), "S", g.s(), "STRIDE_H", g.strideH(), "STRIDE_W",
                g.strideW(), "DILATION_H", g.dilationH(), "DILATION_W", g.dilationW()));
        defines.put("COPY_FLOATS", ForwardBands.rounded((long) copied.floats(rows()) + MARGIN * g.strideW()));
        defines.put("BAND_FLOATS", ForwardBands.rounded((long) rows() * width + MARGIN * g.strideW()));
        return KernelText.of(name, Dialect.OPENCL, epilogue + DirectCpu.texts("conv2d_vectors.h", "conv2d_finish.h",
                "conv2d_padded_band.h", "conv2d_depthwise.h", file)).with(defines);
    }

    static List<Reference> references(List<Reference> operands, int... numbers) {
        return Stream.concat(operands.stream(), IntStream.of(numbers).mapToObj(Reference::number)).toList();
    }
}
