package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.expr.Expressions;
import dev.quern.kernels.normalize.Affine;
import dev.quern.kernels.normalize.BatchNormBackwardProblem;
import dev.quern.kernels.normalize.BatchNormProblem;
import dev.quern.kernels.normalize.GroupNormBackwardProblem;
import dev.quern.kernels.normalize.GroupNormProblem;
import dev.quern.kernels.normalize.LocalResponse;
import dev.quern.kernels.normalize.LocalResponseNormBackwardProblem;
import dev.quern.kernels.normalize.LocalResponseNormProblem;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * The suite {@code norm}: normalisations in f32 past the last-level cache, forward and backward, beside a copy of as many
 * elements. Cases are named KIND/BATCHxCHANNELSxPIXELS: batch norm of a ResNet's layers, layer norm of a Transformer's rows,
 * group norm, and AlexNet's local response norm.
 */
public final class NormSuite {
    private static final float EPSILON = 1e-5f;
    /** Gradients of parameters are sums of many thousand terms. */
    private static final double TOLERANCE = 1e-4;
    private static final LocalResponse ALEXNET = new LocalResponse(5, 1e-4f, 0.75f, 2);

    private NormSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("norm", List.of(
                copy(32 * 64 * 3136),
                batch(32, 64, 3136), batchBackward(32, 64, 3136), batch(128, 256, 196), batchBackward(128, 256, 196),
                batch(32, 64, 12544), batchBackward(32, 64, 12544),
                layer(16384, 1024), layerBackward(16384, 1024), layer(32768, 256), layerBackward(32768, 256),
                group(32, 64, 3136, 32), groupBackward(32, 64, 3136, 32),
                response(32, 96, 3025), responseBackward(32, 96, 3025)));
    }

    private static BenchCase copy(int elements) {
        Shape shape = Shape.of(elements);
        return KernelCase.of("copy/" + elements, "forward", PointwiseProblem.of(new PointwiseProblem.Part(shape,
                List.of(PointwiseProblem.Input.contiguous("x", DType.F32, shape)), List.of(Expressions.input(0)))))
                .script("def run(x):\n  return torch.clone(x)\n", "y = Identity (x0)");
    }

    private static String name(String kind, int batch, int channels, int inner) {
        return kind + "/" + batch + "x" + channels + "x" + inner;
    }

    private static BenchCase batch(int batch, int channels, int inner) {
        return KernelCase.of(name("batch", batch, channels, inner), "forward",
                        new BatchNormProblem(DType.F32, batch, channels, inner, EPSILON, 0.1f, Affine.WEIGHT_AND_BIAS, false))
                // Means near zero would have no digits to compare.
                .range("x", -1, 3)
                .script("""
                        def run(x, weight, bias):
                          return torch.native_batch_norm(x, weight, bias, None, None, True, 0.1, 1e-5)
                        """);
    }

    private static BenchCase batchBackward(int batch, int channels, int inner) {
        return KernelCase.of(name("batch", batch, channels, inner), "backward",
                        new BatchNormBackwardProblem(DType.F32, batch, channels, inner, Affine.WEIGHT_AND_BIAS))
                .tolerance(TOLERANCE)
                .script("""
                        def run(dy, x, weight, mean, rstd):
                          return torch.native_batch_norm_backward(dy, x, weight, None, None, mean, rstd, True, 1e-5, [True, True, True])
                        """);
    }

    private static BenchCase layer(int rows, int features) {
        return KernelCase.of(name("layer", rows, features, 1), "forward", GroupNormProblem.layerNorm(rows, features, EPSILON))
                .script("""
                        def run(x, weight, bias):
                          return torch.native_layer_norm(torch.reshape(x, [%d, %d]), [%d], weight, bias, 1e-5)
                        """.formatted(rows, features, features), """
                        shape = Constant <value_ints = [%d, %d]> ()
                        x = Reshape (x0, shape)
                        y = LayerNormalization <axis = 1, epsilon = 1e-5> (x, x1, x2)
                        """.formatted(rows, features));
    }

    private static BenchCase layerBackward(int rows, int features) {
        return KernelCase.of(name("layer", rows, features, 1), "backward",
                        new GroupNormBackwardProblem(DType.F32, rows, 1, features, 1, true, Affine.WEIGHT_AND_BIAS))
                .tolerance(TOLERANCE)
                .script("""
                        def run(dy, x, weight, mean, rstd):
                          return torch.native_layer_norm_backward(torch.reshape(dy, [%1$d, %2$d]), torch.reshape(x, [%1$d, %2$d]), [%2$d], mean, rstd, weight, weight, [True, True, True])
                        """.formatted(rows, features));
    }

    private static BenchCase group(int batch, int channels, int inner, int groups) {
        return KernelCase.of(name("group" + groups, batch, channels, inner), "forward",
                        new GroupNormProblem(DType.F32, batch, groups, channels, inner, EPSILON, true, Affine.WEIGHT_AND_BIAS))
                .script("""
                        def run(x, weight, bias):
                          return torch.native_group_norm(x, weight, bias, %d, %d, %d, %d, 1e-5)
                        """.formatted(batch, channels, inner, groups));
    }

    private static BenchCase groupBackward(int batch, int channels, int inner, int groups) {
        return KernelCase.of(name("group" + groups, batch, channels, inner), "backward",
                        new GroupNormBackwardProblem(DType.F32, batch, groups, channels, inner, true, Affine.WEIGHT_AND_BIAS))
                .tolerance(TOLERANCE)
                .script("""
                        def run(dy, x, weight, mean, rstd):
                          return torch.native_group_norm_backward(dy, x, mean, rstd, weight, %d, %d, %d, %d, [True, True, True])
                        """.formatted(batch, channels, inner, groups));
    }

    private static BenchCase response(int batch, int channels, int inner) {
        return KernelCase.of(name("response", batch, channels, inner), "forward",
                        new LocalResponseNormProblem(DType.F32, batch, channels, inner, ALEXNET))
                .script("""
                        def run(x):
                          squares = torch.constant_pad_nd(torch.unsqueeze(torch.mul(x, x), 1), [0, 0, 2, 2])
                          mean = torch.squeeze(torch.avg_pool2d(squares, [5, 1], [1, 1]), 1)
                          return torch.div(x, torch.pow(torch.add(torch.mul(mean, 1e-4), 2.0), 0.75))
                        """, "y = LRN <size = 5, alpha = 1e-4, beta = 0.75, bias = 2.0> (x0)");
    }

    private static BenchCase responseBackward(int batch, int channels, int inner) {
        return KernelCase.of(name("response", batch, channels, inner), "backward",
                new LocalResponseNormBackwardProblem(DType.F32, batch, channels, inner, ALEXNET));
    }
}
