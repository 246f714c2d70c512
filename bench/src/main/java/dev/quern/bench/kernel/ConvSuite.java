package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.runtime.Shape;
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
        return new Suite("conv", List.of(
                // ResNet-50: the blocks' 3x3 layers, the first layer, layers of 1x1.
                forward(8, 64, 56, 64, 3, 1), forward(8, 128, 28, 128, 3, 1), forward(8, 256, 14, 256, 3, 1),
                forward(8, 3, 224, 64, 7, 2), forward(8, 256, 14, 1024, 1, 1), forward(8, 64, 56, 256, 1, 1),
                forward(4, 256, 56, 512, 1, 2), forward(8, 512, 7, 512, 3, 1),
                // AlexNet's first two, VGG-A's second and last, GoogLeNet's 3x3 and 5x5.
                forward(8, 3, 224, 64, 11, 4), forward(8, 64, 27, 192, 5, 1),
                forward(2, 64, 112, 128, 3, 1), forward(4, 512, 14, 512, 3, 1),
                forward(8, 96, 28, 128, 3, 1), forward(16, 16, 28, 32, 5, 1),
                // DeepBench's 28,28,256,16,512 with 2 of its 16 images, and 112,112,64,16,128 with 1.
                forward(2, 256, 28, 512, 3, 1), forward(1, 64, 112, 128, 3, 1)));
    }

    private static BenchCase forward(int n, int c, int size, int k, int r, int stride) {
        // AlexNet as torchvision has it pads its first layer by two.
        int pad = r == 11 ? 2 : r / 2;
        Conv2dGeometry geometry = Conv2dGeometry.of(Shape.of(n, c, size, size), Shape.of(k, c, r, r), stride, stride,
                pad, pad, pad, pad, 1, 1, 1);
        return KernelCase.of(n + "," + c + "," + size + "," + size + "-" + k + "," + r + "," + stride, "forward",
                        new Conv2dForwardProblem(geometry))
                .tolerance(TOLERANCE)
                .script("""
                        def run(x, filter):
                          return torch.conv2d(x, filter, None, [%d, %d], [%d, %d])
                        """.formatted(stride, stride, pad, pad));
    }
}
