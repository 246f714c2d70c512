package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.workload.ConvLayer;
import dev.quern.kernels.conv.Conv2dBackwardDataProblem;
import dev.quern.kernels.conv.Conv2dBackwardWeightsProblem;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.runtime.Shape;

/**
 * A convolution's three passes as cases.
 *
 * @param prefix in front of the cases' names: {@code resnet50/}
 * @param suffix behind them: {@code -of-16}
 * @param layer  sizes and attributes
 * @param groups the layer's groups; its filter has c / groups channels
 */
record ConvRow(String prefix, String suffix, ConvLayer layer, int groups) {
    /** What the transforms of Winograd's algorithm may lose. */
    private static final double TOLERANCE = 1e-4;

    /** A square layer of one group, whose padding keeps the size where the stride is 1. AlexNet's first pads by two. */
    static ConvRow of(int n, int c, int size, int k, int r, int stride) {
        return of("", n, c, size, k, r, stride, 1);
    }

    /** The same in groups. */
    static ConvRow of(String prefix, int n, int c, int size, int k, int r, int stride, int groups) {
        int pad = r == 11 ? 2 : r / 2;
        return new ConvRow(prefix, "", new ConvLayer("", "", n, c, size, size, k, r, r, pad, pad, stride, stride, 1), groups);
    }

    /** N,C,H-K,R,stride, or N,C,HxW-K,RxS,stride. */
    String name() {
        String image = layer.h() == layer.w() ? "" + layer.h() : layer.h() + "x" + layer.w();
        String filter = layer.r() == layer.s() ? "" + layer.r() : layer.r() + "x" + layer.s();
        return prefix + layer.batch() + "," + layer.c() + "," + image + "-" + layer.k() + "," + filter + "," + layer.strideH() + suffix;
    }

    Conv2dGeometry geometry() {
        return Conv2dGeometry.of(Shape.of(layer.batch(), layer.c(), layer.h(), layer.w()),
                Shape.of(layer.k(), layer.c() / groups, layer.r(), layer.s()), layer.strideH(), layer.strideW(), layer.padH(),
                layer.padH(), layer.padW(), layer.padW(), 1, 1, groups);
    }

    BenchCase forward() {
        Conv2dForwardProblem problem = new Conv2dForwardProblem(geometry());
        return KernelCase.of(name(), "forward", problem).check(ConvCheck.of(problem), TOLERANCE).script("""
                def run(x, filter):
                  return torch.conv2d(x, filter, None, [%d, %d], [%d, %d], [1, 1], %d)
                """.formatted(layer.strideH(), layer.strideW(), layer.padH(), layer.padW(), groups),
                "y = Conv <%s> (x0, x1)".formatted(onnxAttributes()));
    }

    // The operand that a pass does not read gives the peer its shape alone.
    BenchCase backwardData() {
        Conv2dBackwardDataProblem problem = new Conv2dBackwardDataProblem(geometry());
        return KernelCase.of(name(), "backward-data", problem).check(ConvCheck.of(problem), TOLERANCE).script("""
                def run(dy, filter):
                  x = torch.empty([%d, %d, %d, %d])
                  return torch.convolution_backward(dy, x, filter, None, %s, [True, False, False])[0]
                """.formatted(layer.batch(), layer.c(), layer.h(), layer.w(), attributes()),
                "y = ConvTranspose <%s, output_padding = [%d, %d]> (x0, x1)".formatted(onnxAttributes(),
                        beyond(layer.h(), layer.r(), layer.padH(), layer.strideH()),
                        beyond(layer.w(), layer.s(), layer.padW(), layer.strideW())));
    }

    /** How many of the last rows no window reaches. */
    private static int beyond(int rows, int window, int padding, int stride) {
        return (rows + 2 * padding - window) % stride;
    }

    BenchCase backwardWeights() {
        Conv2dBackwardWeightsProblem problem = new Conv2dBackwardWeightsProblem(geometry());
        return KernelCase.of(name(), "backward-weights", problem).check(ConvCheck.of(problem), TOLERANCE).script("""
                def run(x, dy):
                  filter = torch.empty([%d, %d, %d, %d])
                  return torch.convolution_backward(dy, x, filter, None, %s, [False, True, False])[1]
                """.formatted(layer.k(), layer.c() / groups, layer.r(), layer.s(), attributes()));
    }

    private String onnxAttributes() {
        return "strides = [%d, %d], pads = [%3$d, %4$d, %3$d, %4$d], group = %5$d".formatted(layer.strideH(), layer.strideW(),
                layer.padH(), layer.padW(), groups);
    }

    private String attributes() {
        return "[%d, %d], [%d, %d], [1, 1], False, [0, 0], %d".formatted(layer.strideH(), layer.strideW(), layer.padH(),
                layer.padW(), groups);
    }
}
