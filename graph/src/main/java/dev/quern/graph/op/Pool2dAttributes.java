package dev.quern.graph.op;

import dev.quern.kernels.pool.Pool2dGeometry;
import dev.quern.runtime.Shape;

/**
 * The attributes of two-dimensional pooling, as PyTorch names them; see {@link Pool2dGeometry} for their meaning.
 *
 * @param kernelH         rows of a window
 * @param kernelW         columns of a window
 * @param strideH         rows from one window to the next
 * @param strideW         columns from one window to the next
 * @param padTop          rows of padding above the image
 * @param padBottom       rows of padding below the image
 * @param padLeft         columns of padding before the image
 * @param padRight        columns of padding behind the image
 * @param dilationH       rows from one row of a window to the next; 1 for average pooling
 * @param dilationW       columns from one column of a window to the next; 1 for average pooling
 * @param ceilMode        whether a last, partial window counts
 * @param countIncludePad whether average pooling counts padding as pixels; no matter to maximum pooling
 */
public record Pool2dAttributes(int kernelH, int kernelW, int strideH, int strideW, int padTop, int padBottom, int padLeft,
        int padRight, int dilationH, int dilationW, boolean ceilMode, boolean countIncludePad) {
    /** A square window that moves by its own size, without padding; PyTorch's defaults otherwise. */
    public static Pool2dAttributes kernel(int kernel) {
        return kernel(kernel, kernel);
    }

    /** A window that moves by its own size, without padding; PyTorch's defaults otherwise. */
    public static Pool2dAttributes kernel(int h, int w) {
        return new Pool2dAttributes(h, w, h, w, 0, 0, 0, 0, 1, 1, false, true);
    }

    /** This with another stride, the same along both axes. */
    public Pool2dAttributes stride(int stride) {
        return stride(stride, stride);
    }

    /** This with another stride. */
    public Pool2dAttributes stride(int h, int w) {
        return new Pool2dAttributes(kernelH, kernelW, h, w, padTop, padBottom, padLeft, padRight, dilationH, dilationW,
                ceilMode, countIncludePad);
    }

    /** This with the same padding on all four sides. */
    public Pool2dAttributes padding(int padding) {
        return padding(padding, padding);
    }

    /** This with other padding: {@code h} rows above and below, {@code w} columns on either side. */
    public Pool2dAttributes padding(int h, int w) {
        return padding(h, h, w, w);
    }

    /** This with other padding on each side. */
    public Pool2dAttributes padding(int top, int bottom, int left, int right) {
        return new Pool2dAttributes(kernelH, kernelW, strideH, strideW, top, bottom, left, right, dilationH, dilationW,
                ceilMode, countIncludePad);
    }

    /** This with another dilation, the same along both axes. */
    public Pool2dAttributes dilation(int dilation) {
        return new Pool2dAttributes(kernelH, kernelW, strideH, strideW, padTop, padBottom, padLeft, padRight, dilation,
                dilation, ceilMode, countIncludePad);
    }

    /** This with {@code ceilMode} set or not. */
    public Pool2dAttributes ceilMode(boolean ceil) {
        return new Pool2dAttributes(kernelH, kernelW, strideH, strideW, padTop, padBottom, padLeft, padRight, dilationH,
                dilationW, ceil, countIncludePad);
    }

    /** This with {@code countIncludePad} set or not. */
    public Pool2dAttributes countIncludePad(boolean include) {
        return new Pool2dAttributes(kernelH, kernelW, strideH, strideW, padTop, padBottom, padLeft, padRight, dilationH,
                dilationW, ceilMode, include);
    }

    /** The kernel family's geometry for an input [N, C, H, W]. */
    public Pool2dGeometry geometry(Shape input) {
        return Pool2dGeometry.of(input, kernelH, kernelW, strideH, strideW, padTop, padBottom, padLeft, padRight,
                dilationH, dilationW, ceilMode);
    }

    /** The window, and what differs from the defaults. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("kernel=" + Types.pair(kernelH, kernelW));
        Conv2dAttributes.append(text, "stride", strideH != kernelH || strideW != kernelW, Types.pair(strideH, strideW));
        Conv2dAttributes.append(text, "padding", padTop != 0 || padBottom != 0 || padLeft != 0 || padRight != 0,
                padTop == padBottom && padLeft == padRight ? Types.pair(padTop, padLeft)
                        : "[" + padTop + ", " + padBottom + ", " + padLeft + ", " + padRight + "]");
        Conv2dAttributes.append(text, "dilation", dilationH != 1 || dilationW != 1, Types.pair(dilationH, dilationW));
        Conv2dAttributes.append(text, "ceilMode", ceilMode, "true");
        Conv2dAttributes.append(text, "countIncludePad", !countIncludePad, "false");
        return text.toString();
    }
}
