package dev.quern.kernels.pool;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;

/**
 * The sizes and attributes of a two-dimensional pooling. Output (p, q) looks at the input rows
 * {@code p * strideH - padTop + r * dilationH} for r in [0, windowH) and likewise at columns; what lies outside the image
 * is not looked at.
 *
 * <p>The output has {@code floor((H + padTop + padBottom - extent) / strideH) + 1} rows with
 * {@code extent = (windowH - 1) * dilationH + 1}; with {@code ceilMode} the quotient is rounded up, and a last window that
 * would start behind the image and its top padding is left out, as in PyTorch. Columns likewise.
 *
 * @param n         images
 * @param c         channels
 * @param h         input rows
 * @param w         input columns
 * @param windowH   rows of a window
 * @param windowW   columns of a window
 * @param strideH   rows from one window to the next
 * @param strideW   columns from one window to the next
 * @param padTop    rows of padding above the image
 * @param padBottom rows of padding below the image
 * @param padLeft   columns of padding before the image
 * @param padRight  columns of padding behind the image
 * @param dilationH rows from one row of a window to the next
 * @param dilationW columns from one column of a window to the next
 * @param ceilMode  whether a last, partial window counts
 */
public record Pool2dGeometry(int n, int c, int h, int w, int windowH, int windowW, int strideH, int strideW, int padTop,
        int padBottom, int padLeft, int padRight, int dilationH, int dilationW, boolean ceilMode) {

    /** Checks every rule; a broken one is a {@link QuernException} whose message names it and the shapes. */
    public Pool2dGeometry {
        String what = "input [" + n + ", " + c + ", " + h + ", " + w + "] and window " + windowH + "x" + windowW + ": ";
        if (n < 1 || c < 1 || h < 1 || w < 1 || windowH < 1 || windowW < 1) {
            throw new QuernException(what + "every extent must be at least 1");
        }
        if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
            throw new QuernException(what + "stride (" + strideH + ", " + strideW + ") and dilation (" + dilationH + ", "
                    + dilationW + ") must be at least 1");
        }
        if (padTop < 0 || padBottom < 0 || padLeft < 0 || padRight < 0) {
            throw new QuernException(what + "padding must not be negative");
        }
        requireSeen(what, "row", h, windowH, strideH, padTop, padBottom, dilationH, ceilMode);
        requireSeen(what, "column", w, windowW, strideW, padLeft, padRight, dilationW, ceilMode);
    }

    /** Every window must look at something inside the image: else its maximum and its average do not exist. */
    private static void requireSeen(String what, String axis, int length, int window, int stride, int before, int after,
            int dilation, boolean ceilMode) {
        long extent = (window - 1L) * dilation + 1;
        if (extent > (long) length + before + after) {
            throw new QuernException(what + "the window covers " + extent + " " + axis + "s, more than the padded image's "
                    + ((long) length + before + after) + "; add padding or use a smaller window");
        }
        int outputs = outputs(length, window, stride, before, after, dilation, ceilMode);
        for (int output = 0; output < outputs; output++) {
            long first = (long) output * stride - before;
            long skipped = first < 0 ? (-first + dilation - 1) / dilation : 0;
            if (skipped >= window || first + skipped * dilation >= length) {
                throw new QuernException(what + "output " + axis + " " + output
                        + " would see padding alone; padding must be at most half of the window");
            }
        }
    }

    private static int outputs(int length, int window, int stride, int before, int after, int dilation, boolean ceilMode) {
        long span = (long) length + before + after - (window - 1L) * dilation - 1;
        long outputs = (ceilMode ? Math.ceilDiv(span, (long) stride) : span / stride) + 1;
        if (ceilMode && (outputs - 1) * stride >= (long) length + before) {
            outputs--;
        }
        return Math.toIntExact(outputs);
    }

    /**
     * The geometry for an input.
     *
     * @param input [N, C, H, W]
     * @throws QuernException if the input is not of rank 4 or a rule is broken
     */
    public static Pool2dGeometry of(Shape input, int windowH, int windowW, int strideH, int strideW, int padTop,
            int padBottom, int padLeft, int padRight, int dilationH, int dilationW, boolean ceilMode) {
        if (input.rank() != 4) {
            throw new QuernException("input " + input + ": pooling takes an input [N, C, H, W]");
        }
        return new Pool2dGeometry(input.extent(0), input.extent(1), input.extent(2), input.extent(3), windowH, windowW,
                strideH, strideW, padTop, padBottom, padLeft, padRight, dilationH, dilationW, ceilMode);
    }

    /** The geometry with a square window, the same stride and padding on both axes, no dilation, whole windows only. */
    public static Pool2dGeometry square(Shape input, int window, int stride, int padding) {
        return of(input, window, window, stride, stride, padding, padding, padding, padding, 1, 1, false);
    }

    /** Output rows. */
    public int p() {
        return outputs(h, windowH, strideH, padTop, padBottom, dilationH, ceilMode);
    }

    /** Output columns. */
    public int q() {
        return outputs(w, windowW, strideW, padLeft, padRight, dilationW, ceilMode);
    }

    /** Images times channels: planes that are pooled independently. */
    public long planes() {
        return (long) n * c;
    }

    /** The input's shape, [N, C, H, W]. */
    public Shape inputShape() {
        return Shape.of(n, c, h, w);
    }

    /** The output's shape, [N, C, P, Q]. */
    public Shape outputShape() {
        return Shape.of(n, c, p(), q());
    }

    /** Whether windows tile the plane two by two: stride 2, no padding, no dilation, whole windows only. */
    public boolean isTwoByTwo() {
        return windowH == 2 && windowW == 2 && strideH == 2 && strideW == 2 && padTop == 0 && padBottom == 0 && padLeft == 0
                && padRight == 0 && dilationH == 1 && dilationW == 1 && 2 * p() <= h && 2 * q() <= w;
    }

    /** One operation for each input that each window looks at. */
    public double operations() {
        return (double) planes() * p() * q() * windowH * windowW;
    }

    /** One line without spaces, for keys. */
    String text() {
        return "n" + n + "c" + c + "h" + h + "w" + w + "-win" + windowH + "x" + windowW + "-st" + strideH + "x" + strideW
                + "-pad" + padTop + "," + padBottom + "," + padLeft + "," + padRight + "-dil" + dilationH + "x" + dilationW
                + (ceilMode ? "-ceil" : "");
    }
}
