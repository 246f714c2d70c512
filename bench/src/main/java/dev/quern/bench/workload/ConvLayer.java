package dev.quern.bench.workload;

/**
 * A convolution as networks have it: input [batch, c, h, w], filter [k, c, r, s], one group, no dilation.
 *
 * @param origin  where it is from: {@code resnet50}, {@code deepbench}
 * @param name    its name there
 * @param batch   images; where a list leaves it open, 1
 * @param c       input channels
 * @param h       input rows
 * @param w       input columns
 * @param k       output channels
 * @param r       filter rows
 * @param s       filter columns
 * @param padH    rows of zeros on each side
 * @param padW    columns of zeros on each side
 * @param strideH rows from one output to the next
 * @param strideW columns from one output to the next
 * @param times   how often the network has it
 */
public record ConvLayer(String origin, String name, int batch, int c, int h, int w, int k, int r, int s, int padH, int padW,
        int strideH, int strideW, int times) {

    /** A layer with a square image, filter, padding and stride. */
    static ConvLayer square(String origin, String name, int c, int size, int k, int r, int pad, int stride, int times) {
        return new ConvLayer(origin, name, 1, c, size, size, k, r, r, pad, pad, stride, stride, times);
    }

    /** The same layer for so many images. */
    public ConvLayer batch(int images) {
        return new ConvLayer(origin, name, images, c, h, w, k, r, s, padH, padW, strideH, strideW, times);
    }

    /** Output rows. */
    public int p() {
        return (h + 2 * padH - r) / strideH + 1;
    }

    /** Output columns. */
    public int q() {
        return (w + 2 * padW - s) / strideW + 1;
    }

    /** Floating-point operations of one pass by its definition. */
    public double flops() {
        return 2.0 * batch * k * p() * q() * c * r * s;
    }
}
