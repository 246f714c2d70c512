package dev.quern.bench.kernel;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.constant;
import static dev.quern.kernels.expr.Expressions.gelu;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.mul;
import static dev.quern.kernels.expr.Expressions.relu;
import static dev.quern.kernels.expr.Expressions.select;
import static dev.quern.kernels.expr.Expressions.sigmoid;
import static dev.quern.kernels.expr.Expressions.sub;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.copy.CopyProblem;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.gather.GatherProblem;
import dev.quern.kernels.gather.ScatterAddProblem;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Draw;
import dev.quern.kernels.random.Philox;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.kernels.scan.ScanProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The suite {@code elementwise}: functions of whole tensors, and what moves their elements, past the last-level cache, in f32
 * unless the name says otherwise. Cases are named FUNCTION/ELEMENTS or FUNCTION/SHAPE.
 */
public final class ElementwiseSuite {
    private static final int ELEMENTS = 16 << 20;
    private static final int SIDE = 4096;

    private ElementwiseSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("elementwise", List.of(
                copy(), function("scale", 1, mul(constant(1.5), input(0)), "torch.mul(x0, 1.5)", "f = Constant <value_float = 1.5> ()\ny = Mul (x0, f)"),
                function("add", 2, add(input(0), input(1)), "torch.add(x0, x1)", "y = Add (x0, x1)"),
                function("relu", 1, relu(input(0)), "torch.relu(x0)", "y = Relu (x0)"),
                function("sigmoid", 1, sigmoid(input(0)), "torch.sigmoid(x0)", "y = Sigmoid (x0)"),
                function("gelu", 1, gelu(input(0)), "torch.gelu(x0)", "y = Gelu (x0)"),
                cast("to_bf16", DType.F32, DType.BF16, 15), cast("to_f16", DType.F32, DType.F16, 5),
                cast("from_bf16", DType.BF16, DType.F32, 6), transpose(), channelsLast(), pad(), concat(), gather(), scatterAdd(),
                cumsum("cumsum/rows", SIDE, SIDE, 1), cumsum("cumsum/columns", 1, SIDE, SIDE), momentum(), dropout()));
    }

    private static List<PointwiseProblem.Input> inputs(int count, DType dtype, Shape shape) {
        return IntStream.range(0, count).mapToObj(i -> PointwiseProblem.Input.contiguous("x" + i, dtype, shape)).toList();
    }

    private static BenchCase function(String name, int inputs, Expr result, String torch, String nodes) {
        Shape shape = Shape.of(ELEMENTS);
        PointwiseProblem problem = PointwiseProblem.of(new PointwiseProblem.Part(shape, inputs(inputs, DType.F32, shape),
                List.of(result)));
        return KernelCase.of(name + "/" + ELEMENTS, "forward", problem)
                .script("def run(" + (inputs == 1 ? "x0" : "x0, x1") + "):\n  return " + torch + "\n", nodes);
    }

    /** Torch's number for a type stands in its script. */
    private static BenchCase cast(String name, DType from, DType to, int torchType) {
        Shape shape = Shape.of(ELEMENTS);
        PointwiseProblem problem = PointwiseProblem.of(new PointwiseProblem.Part(shape, inputs(1, from, shape), List.of(input(0)),
                List.of(to)));
        KernelCase<PointwiseProblem> bench = KernelCase.of(name + "/" + ELEMENTS, "forward", problem);
        return from != DType.F32 ? bench : bench.script("def run(x0):\n  return torch.to(x0, " + torchType + ")\n",
                "y = Cast <to = " + (to == DType.BF16 ? 16 : 10) + "> (x0)");
    }

    private static BenchCase copy() {
        return KernelCase.of("copy/" + ELEMENTS, "forward", CopyProblem.view(DType.F32, Shape.of(ELEMENTS), ELEMENTS, 0, List.of(1L)))
                .tolerance(0).script("def run(x0):\n  return torch.clone(x0)\n", "y = Identity (x0)");
    }

    private static BenchCase transpose() {
        return KernelCase.of("transpose/" + SIDE + "x" + SIDE, "forward",
                CopyProblem.view(DType.F32, Shape.of(SIDE, SIDE), ELEMENTS, 0, List.of(1L, (long) SIDE))).tolerance(0)
                .script("def run(x0):\n  return torch.contiguous(torch.transpose(torch.reshape(x0, [4096, 4096]), 0, 1))\n",
                        "shape = Constant <value_ints = [4096, 4096]> ()\nx = Reshape (x0, shape)\ny = Transpose <perm = [1, 0]> (x)");
    }

    /** Images of 64 channels to channels last. */
    private static BenchCase channelsLast() {
        return KernelCase.of("channels_last/80x64x56x56", "forward", CopyProblem.view(DType.F32, Shape.of(80, 56, 56, 64),
                80 * 64 * 3136L, 0, List.of(64 * 3136L, 56L, 1L, 3136L))).tolerance(0)
                .script("def run(x0):\n  return torch.contiguous(torch.permute(torch.reshape(x0, [80, 64, 56, 56]), [0, 2, 3, 1]))\n", """
                        shape = Constant <value_ints = [80, 64, 56, 56]> ()
                        x = Reshape (x0, shape)
                        y = Transpose <perm = [0, 2, 3, 1]> (x)
                        """);
    }

    private static BenchCase pad() {
        return KernelCase.of("pad/80x64x56x56 by 1", "forward", CopyProblem.place(DType.F32, Shape.of(80, 64, 56, 56),
                Shape.of(80, 64, 58, 58), List.of(0, 0, 1, 1), List.of(1, 1, 1, 1), 0)).tolerance(0)
                .script("def run(x0):\n  return torch.constant_pad_nd(torch.reshape(x0, [80, 64, 56, 56]), [1, 1, 1, 1], 0)\n");
    }

    /** The joined branches of GoogLeNet's first inception block, for a batch of 80. */
    private static BenchCase concat() {
        List<Shape> branches = IntStream.of(64, 128, 32, 32).mapToObj(channels -> Shape.of(80, channels, 28, 28)).toList();
        return KernelCase.of("concat/80x(64+128+32+32)x28x28", "forward", CopyProblem.concat(DType.F32, branches, 1)).tolerance(0)
                .script("def run(x0, x1, x2, x3):\n  return torch.cat([torch.reshape(x0, [80, 64, 784]), "
                        + "torch.reshape(x1, [80, 128, 784]), torch.reshape(x2, [80, 32, 784]), torch.reshape(x3, [80, 32, 784])], 1)\n");
    }

    private static BenchCase gather() {
        return KernelCase.of("gather/32768 of 32768x512", "forward", new GatherProblem(DType.F32, 1, 32768, 32768, 512, false))
                .range("index", 0, 32768).tolerance(0)
                .script("def run(x, index):\n  return torch.index_select(torch.reshape(x, [32768, 512]), 0, index)\n", """
                        shape = Constant <value_ints = [32768, 512]> ()
                        x = Reshape (x0, shape)
                        y = Gather <axis = 0> (x, x1)
                        """);
    }

    private static BenchCase scatterAdd() {
        return KernelCase.of("scatter_add/32768 to 32768x512", "backward",
                new ScatterAddProblem(1, 32768, 32768, 512, false, -1)).range("index", 0, 32768)
                .script("def run(x, index):\n  return torch.embedding_dense_backward(torch.reshape(x, [32768, 512]), "
                        + "torch.to(index, 4), 32768, -1, False)\n");
    }

    private static BenchCase cumsum(String name, int outer, int length, int inner) {
        return KernelCase.of(name, "forward", new ScanProblem(ReduceOp.SUM, outer, length, inner, false, false)).tolerance(1e-4)
                .script("def run(x):\n  return torch.cumsum(torch.reshape(x, [4096, 4096]), " + (inner == 1 ? 1 : 0) + ")\n");
    }

    /** Parameter and velocity of stochastic gradient descent with momentum. */
    private static BenchCase momentum() {
        Shape shape = Shape.of(ELEMENTS / 2);
        Expr velocity = add(mul(constant(0.9), input(1)), input(2));
        PointwiseProblem problem = PointwiseProblem.of(new PointwiseProblem.Part(shape, inputs(3, DType.F32, shape),
                List.of(velocity, sub(input(0), mul(constant(0.01), velocity)))));
        return KernelCase.of("momentum/" + ELEMENTS / 2, "update", problem).script("""
                def run(x0, x1, x2):
                  v = torch.add(torch.mul(x1, 0.9), x2)
                  return v, torch.sub(x0, torch.mul(v, 0.01))
                """);
    }

    private static BenchCase dropout() {
        Shape shape = Shape.of(ELEMENTS);
        PointwiseProblem problem = PointwiseProblem.of(new PointwiseProblem.Part(shape,
                List.of(PointwiseProblem.Input.contiguous("x0", DType.F32, shape),
                        PointwiseProblem.Input.drawn("key", new Draw(Distribution.bernoulli(0.5), Philox.purpose("bench")), shape)),
                List.of(select(input(1), mul(constant(2), input(0)), constant(0)))));
        return KernelCase.of("dropout/" + ELEMENTS, "forward", problem).range("key", 0, 1000)
                .script("def run(x0, key):\n  return torch.dropout(x0, 0.5, True)\n");
    }
}
