package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.Problem;
import dev.quern.kernels.conv.Conv2dBackwardDataProblem;
import dev.quern.kernels.conv.Conv2dBackwardWeightsProblem;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The suite {@code conv}: convolutions in f32, cases named N,C,H,W-K,R,stride padded so that stride 1 keeps the size. Layers
 * of AlexNet, VGG-A, GoogLeNet and ResNet-50 and rows of DeepBench, with as many images as
 * two cores take some ten milliseconds for.
 */
public final class ConvSuite {
    /** What the transforms of Winograd's algorithm may lose. */
    private static final double TOLERANCE = 1e-4;

    private ConvSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        List<Layer> layers = List.of(
                // ResNet-50: the blocks' 3x3 layers, the first layer, layers of 1x1.
                new Layer(8, 64, 56, 64, 3, 1), new Layer(8, 128, 28, 128, 3, 1), new Layer(8, 256, 14, 256, 3, 1),
                new Layer(8, 3, 224, 64, 7, 2), new Layer(8, 256, 14, 1024, 1, 1), new Layer(8, 64, 56, 256, 1, 1),
                new Layer(4, 256, 56, 512, 1, 2), new Layer(8, 512, 7, 512, 3, 1),
                // AlexNet's first two, VGG-A's second and last, GoogLeNet's 3x3 and 5x5.
                new Layer(8, 3, 224, 64, 11, 4), new Layer(8, 64, 27, 192, 5, 1),
                new Layer(2, 64, 112, 128, 3, 1), new Layer(4, 512, 14, 512, 3, 1),
                new Layer(8, 96, 28, 128, 3, 1), new Layer(16, 16, 28, 32, 5, 1),
                // DeepBench's 28,28,256,16,512 with 2 of its 16 images, and 112,112,64,16,128 with 1.
                new Layer(2, 256, 28, 512, 3, 1), new Layer(1, 64, 112, 128, 3, 1));
        List<BenchCase> cases = new ArrayList<>();
        layers.forEach(layer -> cases.add(layer.forward()));
        // Nobody needs the gradient of the images.
        layers.stream().filter(layer -> layer.c() > 3).forEach(layer -> cases.add(layer.backwardData()));
        layers.forEach(layer -> cases.add(layer.backwardWeights()));
        return new Suite("conv", cases);
    }

    /** A layer by the numbers of its case's name. */
    private record Layer(int n, int c, int size, int k, int r, int stride) {
        /** AlexNet as torchvision has it pads its first layer by two. */
        private int pad() {
            return r == 11 ? 2 : r / 2;
        }

        private Conv2dGeometry geometry() {
            return Conv2dGeometry.of(Shape.of(n, c, size, size), Shape.of(k, c, r, r), stride, stride, pad(), pad(), pad(),
                    pad(), 1, 1, 1);
        }

        private <P extends Problem> KernelCase<P> of(String pass, P problem) {
            return KernelCase.of(n + "," + c + "," + size + "," + size + "-" + k + "," + r + "," + stride, pass, problem)
                    .tolerance(TOLERANCE);
        }

        BenchCase forward() {
            return of("forward", new Conv2dForwardProblem(geometry())).script("""
                    def run(x, filter):
                      return torch.conv2d(x, filter, None, [%1$d, %1$d], [%2$d, %2$d])
                    """.formatted(stride, pad()));
        }

        // The operand that a pass does not read gives the peer its shape alone.
        BenchCase backwardData() {
            return of("backward-data", new Conv2dBackwardDataProblem(geometry())).script("""
                    def run(dy, filter):
                      x = torch.empty([%3$d, %4$d, %5$d, %5$d])
                      return torch.convolution_backward(dy, x, filter, None, [%1$d, %1$d], [%2$d, %2$d], [1, 1], False,
                          [0, 0], 1, [True, False, False])[0]
                    """.formatted(stride, pad(), n, c, size));
        }

        BenchCase backwardWeights() {
            return of("backward-weights", new Conv2dBackwardWeightsProblem(geometry())).script("""
                    def run(x, dy):
                      filter = torch.empty([%3$d, %4$d, %5$d, %5$d])
                      return torch.convolution_backward(dy, x, filter, None, [%1$d, %1$d], [%2$d, %2$d], [1, 1], False,
                          [0, 0], 1, [False, True, False])[1]
                    """.formatted(stride, pad(), k, c, r));
        }
    }
}
