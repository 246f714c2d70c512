package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.pool.AvgPool2dBackwardProblem;
import dev.quern.kernels.pool.AvgPool2dForwardProblem;
import dev.quern.kernels.pool.MaxPool2dBackwardProblem;
import dev.quern.kernels.pool.MaxPool2dForwardProblem;
import dev.quern.kernels.pool.Pool2dGeometry;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The suite {@code pool}: the poolings of AlexNet, VGG-A, GoogLeNet and ResNet-50 in f32, with as many images as take the
 * tensors past the last-level cache. Cases are named KIND WINDOW,STRIDE,PADDING N,C,H,W; maxima come with their indices, as
 * training needs them.
 */
public final class PoolSuite {
    private PoolSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        List<BenchCase> cases = new ArrayList<>();
        // ResNet-50, AlexNet, VGG-A, GoogLeNet within a module.
        max(cases, Pool2dGeometry.square(Shape.of(16, 64, 112, 112), 3, 2, 1));
        max(cases, Pool2dGeometry.square(Shape.of(64, 64, 55, 55), 3, 2, 0));
        max(cases, Pool2dGeometry.square(Shape.of(8, 64, 224, 224), 2, 2, 0));
        max(cases, Pool2dGeometry.square(Shape.of(32, 480, 28, 28), 3, 1, 1));
        // The last pooling of ResNet-50, of GoogLeNet's auxiliary heads, and 3x3 as in Inception's modules.
        average(cases, Pool2dGeometry.square(Shape.of(128, 2048, 7, 7), 7, 7, 0));
        average(cases, Pool2dGeometry.square(Shape.of(128, 512, 14, 14), 5, 3, 0));
        average(cases, Pool2dGeometry.square(Shape.of(32, 480, 28, 28), 3, 1, 1));
        return new Suite("pool", cases);
    }

    private static String name(String kind, Pool2dGeometry g) {
        return kind + " " + g.windowH() + "," + g.strideH() + "," + g.padTop() + " " + g.n() + "," + g.c() + "," + g.h() + "," + g.w();
    }

    private static String attributes(Pool2dGeometry g) {
        return "[%1$d, %1$d], [%2$d, %2$d], [%3$d, %3$d]".formatted(g.windowH(), g.strideH(), g.padTop());
    }

    private static String onnxAttributes(Pool2dGeometry g) {
        return "kernel_shape = [%1$d, %1$d], strides = [%2$d, %2$d], pads = [%3$d, %3$d, %3$d, %3$d]".formatted(g.windowH(),
                g.strideH(), g.padTop());
    }

    private static void max(List<BenchCase> cases, Pool2dGeometry g) {
        String name = name("max", g);
        cases.add(KernelCase.of(name, "forward", new MaxPool2dForwardProblem(g, true))
                .script("def run(x):\n  return torch.max_pool2d_with_indices(x, %s)[0]\n".formatted(attributes(g)),
                        "y, i = MaxPool <%s> (x0)".formatted(onnxAttributes(g))));
        cases.add(KernelCase.of(name, "backward", new MaxPool2dBackwardProblem(g))
                .fill("indices", (tensor, _, random) -> places(g, tensor, random)));
    }

    private static void average(List<BenchCase> cases, Pool2dGeometry g) {
        String name = name("average", g);
        cases.add(KernelCase.of(name, "forward", new AvgPool2dForwardProblem(g, true))
                .script("def run(x):\n  return torch.avg_pool2d(x, %s)\n".formatted(attributes(g)),
                        "y = AveragePool <%s, count_include_pad = 1> (x0)".formatted(onnxAttributes(g))));
        cases.add(KernelCase.of(name, "backward", new AvgPool2dBackwardProblem(g, true)));
    }

    /** A place within each window. */
    private static void places(Pool2dGeometry g, HostTensor tensor, Random random) {
        int q = g.q();
        int p = g.p();
        for (long i = 0; i < tensor.shape().elements(); i++) {
            int row = place(random, (int) (i / q % p) * g.strideH() - g.padTop(), g.windowH(), g.h());
            int column = place(random, (int) (i % q) * g.strideW() - g.padLeft(), g.windowW(), g.w());
            tensor.set(i, row * g.w() + column);
        }
    }

    private static int place(Random random, int first, int window, int length) {
        int from = Math.max(first, 0);
        return from + random.nextInt(Math.min(first + window, length) - from);
    }
}
