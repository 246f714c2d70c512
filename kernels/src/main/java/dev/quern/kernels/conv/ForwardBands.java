package dev.quern.kernels.conv;

import dev.quern.kernels.Support;
import dev.quern.runtime.DeviceInfo;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a convolution is cut up for {@code direct_blocked}.
 *
 * @param g       the convolution
 * @param source  how the kernel finds its pixels
 * @param vectors vectors of sixteen output channels in a block
 * @param blockW  pixels of a block that lie side by side
 * @param blockH  rows of a block
 * @param rows    output rows of a band
 * @param parts   parts of a group's output channels, each for work-items of its own
 */
record ForwardBands(Conv2dGeometry g, Source source, int vectors, int blockW, int blockH, int rows, int parts) {
    /** Most of a work-item's private memory for the copy: what a core's second-level cache keeps beside the weights. */
    private static final long MOST_COPY = 1 << 20;
    private static final long USUAL_COPY = 400 * 1024;
    /** With a single tap pixels are read less often, and shorter bands do as well or better. */
    private static final long USUAL_COPY_OF_ONE_TAP = 200 * 1024;
    private static final long USUAL_STAGE = 128 * 1024;
    /** Private memory that costs nothing while it is not touched. */
    private static final long LEAST_FLOATS = 8192;
    /** Weights that stay in the first-level cache beside the pixels. */
    private static final long CHUNK_BYTES = 20 * 1024;
    private static final int MARGIN = 32;
    /** Of a core, past the caches. */
    private static final double BYTES_A_CYCLE = 2;
    /** Packed weights that a core's second-level cache keeps from one band to the next. */
    static final double KEPT_FILTER = 1 << 20;
    /** Of a core, from the last-level cache, which weights that are more come from for every band. */
    static final double FILTER_BYTES_A_CYCLE = 6;
    /** Cycles of two launches. */
    private static final double LAUNCHES = 30_000;

    /** How the kernel finds its pixels. */
    enum Source {
        /** A 1x1 filter over whole images: pixels are one column, copied without gaps. */
        FLAT,
        /** No window leaves the image: read where it is. */
        IN_PLACE,
        /** A 1x1 filter with a stride: copied without the pixels between. */
        SUBSAMPLED,
        /** Copied with its padding. */
        PADDED;

        static Source of(Conv2dGeometry g) {
            boolean inside = g.padTop() == 0 && g.padLeft() == 0
                    && (g.p() - 1) * g.strideH() + (g.r() - 1) * g.dilationH() < g.h()
                    && (g.q() - 1) * g.strideW() + (g.s() - 1) * g.dilationW() < g.w();
            if (g.r() == 1 && g.s() == 1) {
                boolean whole = inside && g.strideH() == 1 && g.strideW() == 1;
                return whole ? FLAT : SUBSAMPLED;
            }
            return inside ? IN_PLACE : PADDED;
        }
    }

    static Support supports(Conv2dGeometry g, DeviceInfo device) {
        Source source = Source.of(g);
        return Support.when(source == Source.IN_PLACE || copyBytes(g, source, 1) <= MOST_COPY,
                "a row of outputs reads more than " + MOST_COPY / 1024 + " KiB of input")
                .and(Support.when((long) g.p() * g.q() < 1 << 24, "images past 2^24 pixels"));
    }

    static ForwardBands of(Conv2dGeometry g, DeviceInfo device) {
        Source source = Source.of(g);
        boolean wide = device.vectorBytes() >= 64;
        double byTwo = Math.ceilDiv(g.groupK(), 32) * 32;
        double byOne = Math.ceilDiv(g.groupK(), 16) * 16 * 1.75;
        int vectors = wide && byTwo <= byOne ? 2 : 1;
        // Sums, weights and one pixel fit 32 registers of 64 bytes, or 16 registers of which two or four make a vector.
        int pixels = wide ? 28 / vectors : device.vectorBytes() >= 32 ? 6 : 3;
        int p = source == Source.FLAT ? g.p() * g.q() : g.p();
        int q = source == Source.FLAT ? 1 : g.q();
        int blockW = Math.ceilDiv(q, Math.ceilDiv(q, pixels));
        int blockH = blockW < q ? 1 : Math.ceilDiv(p, Math.ceilDiv(p, Math.max(1, pixels / q)));
        int rows = rows(g, source, vectors, p, q, blockH);
        long bands = (long) g.n() * g.groups() * Math.ceilDiv(p, rows);
        int blocks = Math.ceilDiv(g.groupK(), 16 * vectors);
        int parts = (int) Math.clamp(Math.ceilDiv(8L * device.computeUnits(), bands), 1, blocks);
        parts = Math.ceilDiv(blocks, Math.ceilDiv(blocks, parts));
        return new ForwardBands(g, source, vectors, blockW, blockH, rows, parts);
    }

    /** Output rows of a band: the fewest even bands whose pixels and sums fit the caches. */
    private static int rows(Conv2dGeometry g, Source source, int vectors, int p, int q, int blockH) {
        long usual = g.r() * g.s() == 1 ? USUAL_COPY_OF_ONE_TAP : USUAL_COPY;
        for (int bands = 1; bands < p; bands++) {
            int rows = Math.ceilDiv(Math.ceilDiv(p, bands), blockH) * blockH;
            if (copyBytes(g, source, rows) <= usual && 64L * vectors * rows * q <= USUAL_STAGE) {
                return Math.min(rows, p);
            }
        }
        return Math.min(p, blockH);
    }

    private static long copyBytes(Conv2dGeometry g, Source source, int rows) {
        return switch (source) {
            case FLAT -> 4L * g.groupC() * rows;
            case IN_PLACE -> 4L * g.groupC() * ((rows - 1L) * g.strideH() + (g.r() - 1L) * g.dilationH() + 1) * g.w();
            case SUBSAMPLED -> 4L * g.groupC() * rows * g.q();
            case PADDED -> 4L * g.groupC() * ((rows - 1L) * g.strideH() + (g.r() - 1L) * g.dilationH() + 1)
                    * ((g.q() - 1L) * g.strideW() + (g.s() - 1L) * g.dilationW() + 1);
        };
    }

    /** Cycles to bring the weights to every band, where they do not stay. */
    static double filterCycles(Conv2dGeometry g, int bandsOfImage) {
        double bytes = 4.0 * g.filterShape().elements();
        return bytes / g.groups() <= KEPT_FILTER ? 0 : bytes * g.n() * bandsOfImage / FILTER_BYTES_A_CYCLE;
    }

    int lanes() {
        return 16 * vectors;
    }

    /** Bands of an image. */
    int count() {
        return Math.ceilDiv(source == Source.FLAT ? g.p() * g.q() : g.p(), rows);
    }

    private int stagePitch() {
        return Math.ceilDiv(rows * (source == Source.FLAT ? 1 : g.q()), 16) * 16 + MARGIN;
    }

    Map<String, Integer> defines() {
        boolean copied = source != Source.IN_PLACE;
        Map<String, Integer> defines = new TreeMap<>(Map.of("NV", vectors, "LANES", lanes(), "BW", blockW, "BH", blockH,
                "STEP", source == Source.SUBSAMPLED ? 1 : g.strideW(), "IN_PLACE", copied ? 0 : 1,
                "ONE_TAP", g.r() * g.s() == 1 ? 1 : 0, "FLAT", source == Source.FLAT ? 1 : 0));
        defines.put("PASS_CACHES", DirectCpu.passesCaches(g.outputShape()));
        defines.put("COPY_FLOATS", copied ? rounded(copyBytes(g, source, Math.max(rows, blockH)) / 4) : 0);
        defines.put("ASIDE_FLOATS", rounded(asideFloats()));
        defines.put("STAGE_FLOATS", rounded((long) lanes() * stagePitch() + 2 * MARGIN));
        return defines;
    }

    /** Input channels whose weights for a block stay in the first-level cache while the band passes by. */
    private int chunk() {
        long bytes = 4L * g.r() * g.s() * lanes();
        int chunk = (int) Math.clamp(CHUNK_BYTES / bytes, 1, g.groupC());
        return Math.ceilDiv(g.groupC(), Math.ceilDiv(g.groupC(), chunk));
    }

    /** Floats of the sums that wait for the next chunk. */
    private long asideFloats() {
        int q = source == Source.FLAT ? 1 : g.q();
        return chunk() == g.groupC() ? 16
                : (long) Math.ceilDiv(rows, blockH) * Math.ceilDiv(q, blockW) * blockH * blockW * lanes();
    }

    /** The next of few sizes, so that problems share programs. */
    static int rounded(long floats) {
        long power = Long.highestOneBit(Math.max(LEAST_FLOATS, floats));
        for (int eighths = 8; eighths < 16; eighths++) {
            if (power * eighths / 8 >= floats) {
                return (int) (power * eighths / 8);
            }
        }
        return (int) (2 * power);
    }

    /** Everything behind the operands, in the kernel's order. */
    int[] arguments() {
        boolean flat = source == Source.FLAT;
        boolean sub = source == Source.SUBSAMPLED;
        int blocks = Math.ceilDiv(g.groupK(), lanes());
        return new int[] {flat ? g.h() * g.w() : g.h(), flat ? 1 : g.w(), g.groupC(), g.groupK(), g.groups(),
            flat ? g.p() * g.q() : g.p(), flat ? 1 : g.q(), g.r(), g.s(), sub ? 1 : g.strideH(), sub ? g.strideH() : 1,
            sub ? g.strideW() : 1, g.padTop(), g.padLeft(), g.dilationH(), g.dilationW(), rows, blocks,
            Math.ceilDiv(blocks, parts), stagePitch(), chunk()};
    }

    /**
     * The share of the multiply-add peak that is expected, from cycles as they were measured on an Ice Lake core: a block's
     * products at 1.2 times their ideal time (1.8 times with one vector of channels, which loads as much as it multiplies),
     * 150 cycles to turn and store a square of results, half a cycle to copy a pixel, one to pack a weight, and the bytes
     * that memory must move.
     */
    double efficiency(DeviceInfo device) {
        int p = source == Source.FLAT ? g.p() * g.q() : g.p();
        int q = source == Source.FLAT ? 1 : g.q();
        double blocks = (double) g.n() * g.groups() * Math.ceilDiv(g.groupK(), lanes()) * Math.ceilDiv(q, blockW)
                * ((double) (p / rows) * Math.ceilDiv(rows, blockH) + Math.ceilDiv(p % rows, blockH));
        int pixels = blockW * blockH;
        double products = 0.5 * g.taps() * pixels * vectors * (vectors == 2 ? 1.2 : 1.8);
        double copied = source == Source.IN_PLACE ? 0
                : (double) g.n() * g.groups() * count() * parts * copyBytes(g, source, rows) / 4;
        double packed = (double) g.groups() * Math.ceilDiv(g.groupK(), lanes()) * lanes() * g.taps();
        double cycles = blocks * (products + 150.0 * vectors * Math.ceilDiv(pixels, 16)) + 0.5 * copied + packed;
        double moved = Math.max(new Conv2dForwardProblem(g).cost().bytes() / BYTES_A_CYCLE, filterCycles(g, count()));
        double ideal = g.flops() / 64 / device.computeUnits();
        return Math.clamp(ideal / (Math.max(cycles, moved) / device.computeUnits() + LAUNCHES), 0.02, 0.95);
    }
}
