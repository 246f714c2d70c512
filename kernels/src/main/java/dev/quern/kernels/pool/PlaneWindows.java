package dev.quern.kernels.pool;

/** Where the windows of a pooling lie in a plane, one axis at a time. */
final class PlaneWindows {
    /** The windows along one axis: the first position inside the image, how many positions, and how many with padding. */
    record Axis(int[] first, int[] count, int[] padded) {
        static Axis of(int windows, int length, int window, int stride, int before, int after, int dilation) {
            Axis axis = new Axis(new int[windows], new int[windows], new int[windows]);
            for (int o = 0; o < windows; o++) {
                for (int tap = 0; tap < window; tap++) {
                    int position = o * stride - before + tap * dilation;
                    if (position >= 0 && position < length) {
                        if (axis.count[o]++ == 0) {
                            axis.first[o] = position;
                        }
                    }
                    if (position < length + after) {
                        axis.padded[o]++;
                    }
                }
            }
            return axis;
        }
    }

    private final Pool2dGeometry geometry;
    private final Axis rows;
    private final Axis columns;
    private final boolean countIncludePad;

    PlaneWindows(Pool2dGeometry g, boolean countIncludePad) {
        this.geometry = g;
        this.rows = Axis.of(g.p(), g.h(), g.windowH(), g.strideH(), g.padTop(), g.padBottom(), g.dilationH());
        this.columns = Axis.of(g.q(), g.w(), g.windowW(), g.strideW(), g.padLeft(), g.padRight(), g.dilationW());
        this.countIncludePad = countIncludePad;
    }

    Pool2dGeometry geometry() {
        return geometry;
    }

    Axis rows() {
        return rows;
    }

    Axis columns() {
        return columns;
    }

    /** What the sum of window (p, q) is divided by to give an average. */
    int pixels(int p, int q) {
        return countIncludePad ? rows.padded[p] * columns.padded[q] : rows.count[p] * columns.count[q];
    }
}
