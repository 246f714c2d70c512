package dev.quern.layers.data;

import java.util.Arrays;

/**
 * Draws strokes of round-ended segments into a grey image, anti-aliased by the distance from a pixel's centre to the
 * stroke's edge. Additions, multiplications, divisions and square roots only: the result is exact everywhere.
 */
final class StrokeRasterizer {
    private final int size;
    private final double[] coverage;

    /** @param size rows and columns of the image */
    StrokeRasterizer(int size) {
        this.size = size;
        this.coverage = new double[size * size];
    }

    /** Empties the image. */
    void clear() {
        Arrays.fill(coverage, 0);
    }

    /** How much ink covers a pixel, 0 to 1. */
    double coverage(int y, int x) {
        return coverage[y * size + x];
    }

    /**
     * Draws a segment between two points, in pixels; the centre of the first pixel is at (0.5, 0.5). Its half width
     * changes evenly from one end to the other. Where segments overlap, the darker one stays.
     */
    void segment(double x0, double y0, double half0, double x1, double y1, double half1) {
        double reach = Math.max(half0, half1) + 0.5;
        int left = Math.max(0, (int) Math.floor(Math.min(x0, x1) - reach));
        int right = Math.min(size - 1, (int) Math.ceil(Math.max(x0, x1) + reach));
        int top = Math.max(0, (int) Math.floor(Math.min(y0, y1) - reach));
        int bottom = Math.min(size - 1, (int) Math.ceil(Math.max(y0, y1) + reach));
        double dx = x1 - x0;
        double dy = y1 - y0;
        double squared = dx * dx + dy * dy;
        for (int py = top; py <= bottom; py++) {
            for (int px = left; px <= right; px++) {
                double cx = px + 0.5 - x0;
                double cy = py + 0.5 - y0;
                double along = squared == 0 ? 0 : Math.clamp((cx * dx + cy * dy) / squared, 0.0, 1.0);
                double ex = cx - along * dx;
                double ey = cy - along * dy;
                double edge = half0 + along * (half1 - half0) + 0.5 - Math.sqrt(ex * ex + ey * ey);
                int index = py * size + px;
                coverage[index] = Math.max(coverage[index], Math.clamp(edge, 0.0, 1.0));
            }
        }
    }
}
