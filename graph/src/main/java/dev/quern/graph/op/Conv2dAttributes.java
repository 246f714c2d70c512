package dev.quern.graph.op;

import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.runtime.Shape;

/**
 * The attributes of a two-dimensional convolution, as PyTorch names them; see {@link Conv2dGeometry} for their meaning.
 *
 * @param strideH   input rows from one output row to the next
 * @param strideW   input columns from one output column to the next
 * @param padTop    rows of zeros above the image
 * @param padBottom rows of zeros below the image
 * @param padLeft   columns of zeros before the image
 * @param padRight  columns of zeros behind the image
 * @param dilationH input rows from one filter row to the next
 * @param dilationW input columns from one filter column to the next
 * @param groups    independent groups of channels
 */
public record Conv2dAttributes(int strideH, int strideW, int padTop, int padBottom, int padLeft, int padRight,
        int dilationH, int dilationW, int groups) {
    private static final Conv2dAttributes DEFAULTS = new Conv2dAttributes(1, 1, 0, 0, 0, 0, 1, 1, 1);

    /** Stride 1, no padding, no dilation, one group. */
    public static Conv2dAttributes defaults() {
        return DEFAULTS;
    }

    /** This with another stride, the same along both axes. */
    public Conv2dAttributes stride(int stride) {
        return stride(stride, stride);
    }

    /** This with another stride. */
    public Conv2dAttributes stride(int h, int w) {
        return new Conv2dAttributes(h, w, padTop, padBottom, padLeft, padRight, dilationH, dilationW, groups);
    }

    /** This with the same padding on all four sides. */
    public Conv2dAttributes padding(int padding) {
        return padding(padding, padding);
    }

    /** This with other padding: {@code h} rows above and below, {@code w} columns on either side. */
    public Conv2dAttributes padding(int h, int w) {
        return padding(h, h, w, w);
    }

    /** This with other padding on each side. */
    public Conv2dAttributes padding(int top, int bottom, int left, int right) {
        return new Conv2dAttributes(strideH, strideW, top, bottom, left, right, dilationH, dilationW, groups);
    }

    /** This with another dilation, the same along both axes. */
    public Conv2dAttributes dilation(int dilation) {
        return dilation(dilation, dilation);
    }

    /** This with another dilation. */
    public Conv2dAttributes dilation(int h, int w) {
        return new Conv2dAttributes(strideH, strideW, padTop, padBottom, padLeft, padRight, h, w, groups);
    }

    /** This with another number of groups. */
    public Conv2dAttributes groups(int count) {
        return new Conv2dAttributes(strideH, strideW, padTop, padBottom, padLeft, padRight, dilationH, dilationW, count);
    }

    /** The kernel family's geometry for an input [N, C, H, W] and a filter [K, C/groups, R, S]. */
    public Conv2dGeometry geometry(Shape input, Shape filter) {
        return Conv2dGeometry.of(input, filter, strideH, strideW, padTop, padBottom, padLeft, padRight, dilationH,
                dilationW, groups);
    }

    /** Only what differs from the defaults. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, "stride", strideH != 1 || strideW != 1, Types.pair(strideH, strideW));
        append(text, "padding", padTop != 0 || padBottom != 0 || padLeft != 0 || padRight != 0,
                padTop == padBottom && padLeft == padRight ? Types.pair(padTop, padLeft)
                        : "[" + padTop + ", " + padBottom + ", " + padLeft + ", " + padRight + "]");
        append(text, "dilation", dilationH != 1 || dilationW != 1, Types.pair(dilationH, dilationW));
        append(text, "groups", groups != 1, Integer.toString(groups));
        return text.toString();
    }

    static void append(StringBuilder text, String name, boolean differs, String value) {
        if (differs) {
            text.append(text.isEmpty() ? "" : ", ").append(name).append('=').append(value);
        }
    }
}
