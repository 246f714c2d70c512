package dev.quern.kernels.conv;

import dev.quern.kernels.Support;
import dev.quern.runtime.DeviceInfo;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a convolution is cut up for Winograd's algorithm.
 *
 * @param g       the convolution
 * @param tile    outputs of a tile along each axis
 * @param vectors vectors of sixteen output channels in a block
 * @param fused   whether work-items transform their own pixels
 * @param range   tile rows of a work-item
 * @param block   tiles whose sums are in registers
 * @param part    blocks of output channels of a work-item
 */
record WinogradTiles(Conv2dGeometry g, int tile, int vectors, boolean fused, int range, int block, int part) {
    /** Most columns of a row of tiles, whose lines lie in private memory. */
    private static final int MOST_COLUMNS = 1024;
    /** Most of a work-item's private memory for transformed pixels, and for products. */
    private static final long MOST_PIXELS = 640 * 1024;
    private static final long MOST_PRODUCTS = 512 * 1024;
    /** Transformed weights that are better read again for each work-item than pixels for each block of channels. */
    private static final long FUSED_FILTER = 2600 * 1024;

    /** Transformed weights that the last-level cache keeps from one launch to the next. */
    private static final long CACHED_FILTER = 12 << 20;
    /** Cycles of three launches. */
    private static final double LAUNCHES = 45_000;
    /** Up to here a preference is the share of peak itself. */
    private static final double STRAIGHT = 0.85;

    static Support supports(Conv2dGeometry g, int tile, DeviceInfo device) {
        return Support.when(g.r() == 3 && g.s() == 3 && g.isUnitStep() && g.groups() == 1,
                "made for 3x3 filters with stride 1, no dilation and one group")
                .and(Support.when(g.q() + tile + 2 <= MOST_COLUMNS && rowBytes(g, tile, 1) <= MOST_PRODUCTS,
                        "rows of " + g.q() + " outputs are too long"))
                .and(Support.when(g.padLeft() < MOST_COLUMNS - g.q(), "padding of " + g.padLeft() + " columns is too wide"))
                .and(Support.when(4L * components(tile) * Math.max(g.c() + 15L, g.k() + 31L)
                        * Math.max(g.k() + 31L, (long) g.n() * (g.p() + tile) * (g.q() + tile) / (tile * tile) + 32)
                        <= device.maxAllocation(), "transformed, it needs more memory than the device allots at once"));
    }

    static WinogradTiles of(Conv2dGeometry g, int tile, DeviceInfo device) {
        boolean wide = device.vectorBytes() >= 64;
        int vectors = wide && g.k() > 16 ? 2 : 1;
        int most = wide ? 28 / vectors : device.vectorBytes() >= 32 ? 6 : 3;
        int lanes = 16 * vectors;
        int blocks = Math.ceilDiv(g.k(), lanes);
        int rows = g.n() * Math.ceilDiv(g.p(), tile);
        int tiles = Math.ceilDiv(g.q(), tile);
        long filter = 4L * components(tile) * g.c() * blocks * lanes;
        boolean fused = filter <= FUSED_FILTER && pixelBytes(g, tile, tiles) <= MOST_PIXELS;
        int range = 1;
        for (int next = 2; next <= rows; next++) {
            boolean fits = rowBytes(g, tile, vectors) * next <= MOST_PRODUCTS
                    && (!fused || pixelBytes(g, tile, next * tiles) <= MOST_PIXELS);
            // Work-items for every core come first, then sixty tiles to share weights that are in the first-level cache.
            boolean enough = Math.ceilDiv(rows, next) >= 8 * device.computeUnits();
            if (!fits || !enough && fused || range * tiles >= (fused ? 56 : 128)) {
                break;
            }
            range = next;
        }
        int count = Math.ceilDiv(rows, range);
        range = Math.ceilDiv(rows, count);
        int parts = (int) Math.clamp(Math.ceilDiv(8L * device.computeUnits(), count), 1, blocks);
        int all = range * tiles;
        // Not fewer than half of what fits, so that small problems share programs.
        int block = Math.max(Math.ceilDiv(all, Math.ceilDiv(all, most)), Math.ceilDiv(most, 2));
        return new WinogradTiles(g, tile, vectors, fused, range, block, Math.ceilDiv(blocks, parts));
    }

    private static int components(int tile) {
        return (tile + 2) * (tile + 2);
    }

    private static long pixelBytes(Conv2dGeometry g, int tile, int tiles) {
        return 4L * components(tile) * Math.ceilDiv(g.c(), 16) * 16 * (tiles + 27);
    }

    /** Products of one tile row. */
    private static long rowBytes(Conv2dGeometry g, int tile, int vectors) {
        return 64L * vectors * components(tile) * Math.ceilDiv(g.q(), tile);
    }

    int lanes() {
        return 16 * vectors;
    }

    /** Blocks of output channels. */
    int blocks() {
        return Math.ceilDiv(g.k(), lanes());
    }

    int rowsOfImage() {
        return Math.ceilDiv(g.p(), tile);
    }

    int tilesOfRow() {
        return Math.ceilDiv(g.q(), tile);
    }

    /** Work-items along the tile rows. */
    int ranges() {
        return Math.ceilDiv(g.n() * rowsOfImage(), range);
    }

    /** Tiles of a range, whole blocks. */
    private int multiplied() {
        return Math.ceilDiv(range * tilesOfRow(), block) * block;
    }

    /** Tiles from one block of input channels to the next one's. */
    int pitch() {
        return fused ? multiplied() : g.n() * rowsOfImage() * tilesOfRow() + block;
    }

    long filterBytes() {
        return 4L * components(tile) * g.c() * blocks() * lanes();
    }

    long pixelBytes() {
        return 4L * components(tile) * Math.ceilDiv(g.c(), 16) * 16 * pitch();
    }

    private int stagePitch() {
        return Math.ceilDiv(tile * g.q(), 16) * 16 + 32;
    }

    Map<String, Integer> defines() {
        Map<String, Integer> defines = new TreeMap<>(Map.of("TILE", tile, "NV", vectors, "LANES", lanes(), "BLOCK", block,
                "FUSED", fused ? 1 : 0));
        int columns = Math.max(tilesOfRow() * tile + 2, g.padLeft() + g.w());
        defines.put("LINE_PIXELS", Math.ceilDiv(columns, 16) * 16 + 16);
        defines.put("PIXEL_FLOATS", fused ? ForwardBands.rounded(pixelBytes() / 4) : 0);
        defines.put("PRODUCT_FLOATS", ForwardBands.rounded((long) components(tile) * multiplied() * lanes()));
        defines.put("STAGE_FLOATS", ForwardBands.rounded(16L * stagePitch()));
        defines.put("PASS_CACHES", DirectCpu.passesCaches(g.outputShape()));
        return defines;
    }

    /** Everything behind the operands, in the kernel's order. */
    int[] arguments() {
        return new int[] {g.n(), g.c(), g.h(), g.w(), g.k(), g.p(), g.q(), g.padTop(), g.padLeft(), rowsOfImage(), tilesOfRow(),
            range, pitch(), blocks(), part, stagePitch()};
    }

    /**
     * The share of the multiply-add peak that is expected, counting the multiply-adds of the definition; what would be more
     * than the whole peak approaches 1. From cycles as they were measured on an Ice Lake core: products at 1.3 times their
     * ideal time, 2 cycles to transform a weight (4 if the weights pass through memory), 1.2 for a pixel, as much for an output,
     * a third to keep a product.
     */
    double efficiency(DeviceInfo device) {
        double weights = filterBytes() / 4.0;
        double tiles = (double) ranges() * multiplied();
        double pixels = components(tile) * Math.ceilDiv(g.c(), 16) * 16.0 * tiles * (fused ? Math.ceilDiv(blocks(), part) : 1);
        double kept = components(tile) * (double) blocks() * lanes() * tiles;
        double products = kept * g.c() / 32;
        double cycles = weights * (filterBytes() > CACHED_FILTER ? 4 : 2) + 1.2 * pixels + 1.3 * products + 0.33 * kept
                + 1.2 * g.outputShape().elements();
        double moved = new Conv2dForwardProblem(g).cost().bytes() / 2;
        double ideal = g.flops() / 64 / device.computeUnits();
        double share = ideal / (Math.max(cycles, moved) / device.computeUnits() + LAUNCHES);
        return share < STRAIGHT ? Math.max(share, 0.02) : 1 - (1 - STRAIGHT) * STRAIGHT / share;
    }
}
