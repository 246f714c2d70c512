package dev.quern.kernels.conv;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The padded copy of an image plane in which every tap of a filter reads a contiguous run, whatever the stride and dilation.
 *
 * <p>The padded plane is split by stride: element (i, j) of phase (a, b) is the pixel at row {@code i * strideH + a - padTop}
 * and column {@code j * strideW + b - padLeft}, or 0 outside the image. Output pixel (p, q) has the flat position
 * {@code f = p * columns + q}; tap (r, s) then reads position {@code offset(r, s) + f}. Positions with q &gt;= Q lie between
 * rows: what is computed there is never stored.
 *
 * @param g         the geometry
 * @param outputs   output rows that the copy serves: all of them, or those of a tile
 * @param rows      rows of a phase
 * @param columns   columns of a phase: the distance between rows of flat positions
 * @param plane     elements of the copy of one channel
 * @param positions flat positions from the first output pixel to the last, both included
 */
record PhaseLayout(Conv2dGeometry g, int outputs, int rows, int columns, int plane, int positions) {
    /** The most elements of a copy: a quarter of a gigabyte. */
    private static final double LARGEST = 1 << 26;

    static PhaseLayout of(Conv2dGeometry g, int outputs) {
        int rows = outputs + (g.r() - 1) * g.dilationH() / g.strideH();
        int columns = g.q() + (g.s() - 1) * g.dilationW() / g.strideW();
        int plane = Math.multiplyExact(Math.multiplyExact(g.strideH() * g.strideW(), rows), columns);
        return new PhaseLayout(g, outputs, rows, columns, plane, (outputs - 1) * columns + g.q());
    }

    /** Whether the padded copy of a group's channels is small enough for a thread's own memory. */
    static boolean fits(Conv2dGeometry g) {
        double rows = g.p() + (g.r() - 1.0) * g.dilationH() / g.strideH();
        double columns = g.q() + (g.s() - 1.0) * g.dilationW() / g.strideW();
        return g.groupC() * rows * columns * g.strideH() * g.strideW() < LARGEST;
    }

    /** Whether the spread outputs of a group's channels are small enough for a thread's own memory. */
    static boolean outputsFit(Conv2dGeometry g) {
        double columns = g.q() + (g.s() - 1.0) * g.dilationW() / g.strideW();
        return g.groupK() * g.p() * columns < LARGEST;
    }

    /** Where tap (r, s) finds the pixel for flat position 0. */
    int offset(int r, int s) {
        int h = r * g.dilationH();
        int w = s * g.dilationW();
        int phase = h % g.strideH() * g.strideW() + w % g.strideW();
        return (phase * rows + h / g.strideH()) * columns + w / g.strideW();
    }

    /**
     * Fills the copy of one channel.
     *
     * @param image  the tensor [N, C, H, W]
     * @param first  the channel's first element in it
     * @param firstP the first output row that the copy serves
     * @param line   scratch of at least W elements
     * @param target where to
     * @param at     the copy's first position in {@code target}
     */
    void load(MemorySegment image, long first, int firstP, float[] line, float[] target, int at) {
        for (int a = 0; a < g.strideH(); a++) {
            for (int i = 0; i < rows; i++) {
                int h = (firstP + i) * g.strideH() + a - g.padTop();
                boolean inside = h >= 0 && h < g.h();
                long source = (first + (long) h * g.w()) * Float.BYTES;
                if (g.strideW() == 1) {
                    int to = at + (a * rows + i) * columns;
                    int from = Math.min(columns, g.padLeft());
                    int count = inside ? Math.min(columns - from, g.w()) : 0;
                    Arrays.fill(target, to, to + from, 0);
                    if (count > 0) {
                        MemorySegment.copy(image, ValueLayout.JAVA_FLOAT, source, target, to + from, count);
                    }
                    Arrays.fill(target, to + from + count, to + columns, 0);
                    continue;
                }
                if (inside) {
                    MemorySegment.copy(image, ValueLayout.JAVA_FLOAT, source, line, 0, g.w());
                }
                for (int b = 0; b < g.strideW(); b++) {
                    int to = at + ((a * g.strideW() + b) * rows + i) * columns;
                    for (int j = 0; j < columns; j++) {
                        int w = j * g.strideW() + b - g.padLeft();
                        target[to + j] = inside && w >= 0 && w < g.w() ? line[w] : 0;
                    }
                }
            }
        }
    }

    /** Takes row {@code h} of an image out of a copy that serves all output rows: the inverse of {@link #load}. */
    void row(float[] copy, int at, int h, float[] line) {
        int padded = h + g.padTop();
        int a = padded % g.strideH();
        int i = padded / g.strideH();
        if (i >= rows) {
            Arrays.fill(line, 0, g.w(), 0);
            return;
        }
        if (g.strideW() == 1) {
            int count = Math.clamp(columns - g.padLeft(), 0, g.w());
            System.arraycopy(copy, at + (a * rows + i) * columns + g.padLeft(), line, 0, count);
            Arrays.fill(line, count, g.w(), 0);
            return;
        }
        for (int w = 0; w < g.w(); w++) {
            int b = (w + g.padLeft()) % g.strideW();
            int j = (w + g.padLeft()) / g.strideW();
            line[w] = j < columns ? copy[at + ((a * g.strideW() + b) * rows + i) * columns + j] : 0;
        }
    }

    /**
     * Spreads a plane of outputs over flat positions, zeros between rows.
     *
     * @param outputTensor [N, K, P, Q]
     * @param first        the plane's first element in it
     * @param target       receives {@link #positions} elements
     */
    void spread(MemorySegment outputTensor, long first, float[] target) {
        for (int p = 0; p < outputs; p++) {
            int to = p * columns;
            MemorySegment.copy(outputTensor, ValueLayout.JAVA_FLOAT, (first + (long) p * g.q()) * Float.BYTES, target, to,
                    g.q());
            if (p + 1 < outputs) {
                Arrays.fill(target, to + g.q(), to + columns, 0);
            }
        }
    }
}
