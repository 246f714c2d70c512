package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.conv.Conv2dForwardProblem;
import dev.quern.kernels.conv.Conv2dGeometry;
import dev.quern.runtime.Shape;
import java.util.List;

/** The suite {@code conv}: convolutions in f32, cases named N,C,H,W-K,R,stride. */
public final class ConvSuite {
    private static final double TOLERANCE = 1e-4;

    private ConvSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("conv", List.of(
                forward(8, 64, 56, 64, 3, 1), forward(8, 128, 28, 128, 3, 1), forward(8, 256, 14, 256, 3, 1),
                forward(8, 3, 224, 64, 7, 2), forward(8, 256, 14, 1024, 1, 1)));
    }

    private static BenchCase forward(int n, int c, int size, int k, int r, int stride) {
        int pad = r / 2;
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
