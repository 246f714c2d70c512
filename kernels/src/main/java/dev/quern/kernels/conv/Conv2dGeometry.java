package dev.quern.kernels.conv;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;

/**
 * The sizes and attributes of a two-dimensional convolution, shared by its three passes:
 *
 * <pre>
 * y[n, k, p, q] = sum over c, r, s of  x[n, g * C/groups + c, p * strideH - padTop + r * dilationH, q * strideW - padLeft + s * dilationW]
 *                                      * filter[k, c, r, s]           with g = k / (K/groups), and x = 0 outside the image
 * </pre>
 *
 * @param n         images
 * @param c         input channels
 * @param h         input rows
 * @param w         input columns
 * @param k         output channels
 * @param r         filter rows
 * @param s         filter columns
 * @param strideH   input rows from one output row to the next
 * @param strideW   input columns from one output column to the next
 * @param padTop    rows of zeros above the image
 * @param padBottom rows of zeros below the image
 * @param padLeft   columns of zeros before the image
 * @param padRight  columns of zeros behind the image
 * @param dilationH input rows from one filter row to the next
 * @param dilationW input columns from one filter column to the next
 * @param groups    independent groups of channels; divides both c and k (depthwise: {@code groups == c})
 */
public record Conv2dGeometry(int n, int c, int h, int w, int k, int r, int s, int strideH, int strideW, int padTop,
        int padBottom, int padLeft, int padRight, int dilationH, int dilationW, int groups) {

    /** Checks every rule; a broken one is a {@link QuernException} whose message names it and the shapes. */
    public Conv2dGeometry {
        if (n < 1 || c < 1 || h < 1 || w < 1 || k < 1 || r < 1 || s < 1) {
            throw wrong(n, c, h, w, k, c / Math.max(1, groups), r, s, "every extent must be at least 1");
        }
        if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
            throw wrong(n, c, h, w, k, c / Math.max(1, groups), r, s, "stride (" + strideH + ", " + strideW
                    + ") and dilation (" + dilationH + ", " + dilationW + ") must be at least 1");
        }
        if (padTop < 0 || padBottom < 0 || padLeft < 0 || padRight < 0) {
            throw wrong(n, c, h, w, k, c / Math.max(1, groups), r, s, "padding must not be negative");
        }
        if (groups < 1 || c % groups != 0 || k % groups != 0) {
            throw wrong(n, c, h, w, k, c / Math.max(1, groups), r, s, groups + " groups must divide the " + c
                    + " input channels and the " + k + " output channels");
        }
        long paddedH = (long) h + padTop + padBottom;
        long paddedW = (long) w + padLeft + padRight;
        long extentH = (r - 1L) * dilationH + 1;
        long extentW = (s - 1L) * dilationW + 1;
        if (extentH > paddedH || extentW > paddedW) {
            throw wrong(n, c, h, w, k, c / groups, r, s, "the filter covers " + extentH + "x" + extentW
                    + " pixels, more than the padded image's " + paddedH + "x" + paddedW + "; add padding or use a smaller filter");
        }
    }

    /**
     * The geometry for an input and a filter.
     *
     * @param input    [N, C, H, W]
     * @param filter   [K, C/groups, R, S]
     * @param strideH  see {@link Conv2dGeometry}
     * @throws QuernException if the shapes do not fit together; the message names both and the rule
     */
    public static Conv2dGeometry of(Shape input, Shape filter, int strideH, int strideW, int padTop, int padBottom,
            int padLeft, int padRight, int dilationH, int dilationW, int groups) {
        if (input.rank() != 4 || filter.rank() != 4) {
            throw new QuernException("input " + input + " and filter " + filter
                    + ": a convolution takes an input [N, C, H, W] and a filter [K, C/groups, R, S]");
        }
        if (groups >= 1 && (long) filter.extent(1) * groups != input.extent(1)) {
            throw new QuernException("input " + input + " and filter " + filter + ": " + input.extent(1)
                    + " input channels, filter expects " + (long) filter.extent(1) * groups
                    + (groups == 1 ? "" : " (" + groups + " groups of " + filter.extent(1) + ")"));
        }
        return new Conv2dGeometry(input.extent(0), input.extent(1), input.extent(2), input.extent(3), filter.extent(0),
                filter.extent(2), filter.extent(3), strideH, strideW, padTop, padBottom, padLeft, padRight, dilationH,
                dilationW, groups);
    }

    /** The geometry with stride 1, no dilation, one group and the same padding on both sides of each axis. */
    public static Conv2dGeometry plain(Shape input, Shape filter, int padH, int padW) {
        return of(input, filter, 1, 1, padH, padH, padW, padW, 1, 1, 1);
    }

    private static QuernException wrong(int n, int c, int h, int w, int k, int cg, int r, int s, String rule) {
        return new QuernException("input [" + n + ", " + c + ", " + h + ", " + w + "] and filter [" + k + ", " + cg + ", "
                + r + ", " + s + "]: " + rule);
    }

    /** Output rows. */
    public int p() {
        return (int) (((long) h + padTop + padBottom - (r - 1L) * dilationH - 1) / strideH) + 1;
    }

    /** Output columns. */
    public int q() {
        return (int) (((long) w + padLeft + padRight - (s - 1L) * dilationW - 1) / strideW) + 1;
    }

    /** Input channels a group. */
    public int groupC() {
        return c / groups;
    }

    /** Output channels a group. */
    public int groupK() {
        return k / groups;
    }

    /** Products summed for one output element: C/groups * R * S. */
    public int taps() {
        return groupC() * r * s;
    }

    /** The input's shape, [N, C, H, W]. */
    public Shape inputShape() {
        return Shape.of(n, c, h, w);
    }

    /** The filter's shape, [K, C/groups, R, S]. */
    public Shape filterShape() {
        return Shape.of(k, groupC(), r, s);
    }

    /** The output's shape, [N, K, P, Q]. */
    public Shape outputShape() {
        return Shape.of(n, k, p(), q());
    }

    /** Whether neighbouring outputs read neighbouring inputs and neighbouring taps too: stride and dilation 1. */
    public boolean isUnitStep() {
        return strideH == 1 && strideW == 1 && dilationH == 1 && dilationW == 1;
    }

    /** Floating-point operations of any pass by its definition: 2 * N * K * P * Q * taps. */
    public double flops() {
        return 2.0 * n * k * p() * q() * taps();
    }

    /** One line without spaces, for keys: {@code n64c6h14w14-k16r5s5-st1x1-pad0,0,0,0-dil1x1-g1}. */
    String text() {
        return "n" + n + "c" + c + "h" + h + "w" + w + "-k" + k + "r" + r + "s" + s + "-st" + strideH + "x" + strideW
                + "-pad" + padTop + "," + padBottom + "," + padLeft + "," + padRight + "-dil" + dilationH + "x" + dilationW
                + "-g" + groups;
    }
}
