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

    /**
     * The result's shape of a transposed convolution with these attributes:
     * {@code H = (P - 1) * stride - padding on both sides + dilation * (R - 1) + outputPadding + 1}.
     *
     * @throws IllegalOperandException if the shapes do not fit together, if nothing is left of the result, or if the output
     *                                 padding is negative or not less than both stride and dilation
     */
    Shape transposedShape(Shape input, Shape filter, int outputPaddingH, int outputPaddingW) {
        String shapes = "input " + input + " and filter " + filter + ": ";
        if (input.rank() != 4 || filter.rank() != 4) {
            throw new IllegalOperandException(shapes + "a transposed convolution takes an input [N, K, P, Q] and a filter "
                    + "[K, C/groups, R, S]");
        }
        if (input.extent(1) != filter.extent(0)) {
            throw new IllegalOperandException(shapes + input.extent(1) + " input channels, filter expects " + filter.extent(0));
        }
        if (outputPaddingH < 0 || outputPaddingW < 0 || outputPaddingH >= Math.max(strideH, dilationH)
                || outputPaddingW >= Math.max(strideW, dilationW)) {
            throw new IllegalOperandException(shapes + "output padding " + Types.pair(outputPaddingH, outputPaddingW)
                    + " must be at least 0 and less than the stride " + Types.pair(strideH, strideW) + " or the dilation "
                    + Types.pair(dilationH, dilationW));
        }
        long h = (input.extent(2) - 1L) * strideH - padTop - padBottom + dilationH * (filter.extent(2) - 1L) + outputPaddingH + 1;
        long w = (input.extent(3) - 1L) * strideW - padLeft - padRight + dilationW * (filter.extent(3) - 1L) + outputPaddingW + 1;
        long c = (long) filter.extent(1) * groups;
        if (h < 1 || w < 1 || h > Integer.MAX_VALUE || w > Integer.MAX_VALUE || c > Integer.MAX_VALUE) {
            throw new IllegalOperandException(shapes + "the result would have " + c + " channels of " + h + "x" + w
                    + " pixels; padding takes away from it");
        }
        return Shape.of(input.extent(0), (int) c, (int) h, (int) w);
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
