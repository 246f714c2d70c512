package dev.quern.bench.kernel;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.gather.GatherProblem;
import dev.quern.kernels.gather.ScatterAddProblem;
import dev.quern.kernels.reduce.ArgReduceProblem;
import dev.quern.kernels.reduce.ReduceOp;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.scan.ScanProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The suite {@code reduce}: reductions, places of extremes, running totals, and rows by index with their gradient, in f32. Cases
 * are named by what is done and the tensor, with the axes that it goes over in brackets. The tensors are about 64 MiB.
 */
public final class ReduceSuite {
    /** Errors of long sums, and of products, grow with their terms. */
    private static final double LONG = 1e-4;
    private static final Shape ROWS = Shape.of(16384, 1000);

    private ReduceSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        List<BenchCase> cases = new ArrayList<>();
        // The last axis: every operation; rows of few and of many elements.
        for (ReduceOp op : ReduceOp.values()) {
            cases.add(reduce(op, ROWS, 1));
        }
        cases.add(reduce(ReduceOp.SUM, Shape.of(1 << 20, 16), 1));
        cases.add(reduce(ReduceOp.SUM, Shape.of(327680, 49), 1));
        cases.add(reduce(ReduceOp.SUM, Shape.of(64, 1 << 18), 1));
        // The first axis, one in the middle, both sides of the channels as a bias's gradient has them, everything.
        cases.add(reduce(ReduceOp.SUM, ROWS, 0));
        cases.add(reduce(ReduceOp.MAX, ROWS, 0));
        cases.add(reduce(ReduceOp.NORM2, ROWS, 0));
        cases.add(reduce(ReduceOp.SUM, Shape.of(64, 256, 1000), 1));
        cases.add(reduce(ReduceOp.SUM, Shape.of(64, 64, 56, 56), 0, 2, 3));
        cases.add(reduce(ReduceOp.SUM, Shape.of(1 << 24), 0));
        cases.add(reduce(ReduceOp.MAX, Shape.of(1 << 24), 0));
        cases.add(arg(true, ROWS, 1));
        cases.add(arg(true, ROWS, 0));
        cases.add(arg(false, Shape.of(64, 256, 1000), 1));
        cases.add(arg(true, Shape.of(1, 1 << 24), 1));
        cases.add(scan(ROWS, 1));
        cases.add(scan(ROWS, 0));
        cases.add(scan(Shape.of(64, 256, 1000), 1));
        cases.add(scan(Shape.of(1 << 24), 0));
        // Tables of 50,257 tokens and of 8,192 codes.
        cases.add(rows(50257, 16384, 768));
        cases.add(rows(50257, 65536, 256));
        cases.add(rows(8192, 1 << 18, 64));
        cases.add(gradient(50257, 16384, 768));
        cases.add(gradient(8192, 1 << 18, 64));
        return new Suite("reduce", cases);
    }

    private static String name(String what, Shape shape, int... axes) {
        List<Integer> reduced = Arrays.stream(axes).boxed().toList();
        return what + "/" + IntStream.range(0, shape.rank())
                .mapToObj(axis -> reduced.contains(axis) ? "[" + shape.extent(axis) + "]" : "" + shape.extent(axis))
                .collect(Collectors.joining("x"));
    }

    private static BenchCase reduce(ReduceOp op, Shape shape, int... axes) {
        ReduceProblem problem = ReduceProblem.of(op, shape, axes);
        // Axes as the problem has them: neighbours that are both reduced, or both kept, are one.
        String merged = IntStream.range(0, problem.extents().size()).filter(problem::reduced).boxed().toList().toString();
        String result = switch (op) {
            case SUM -> "torch.sum(x, %s, False, None)";
            case MEAN -> "torch.mean(x, %s, False, None)";
            case MAX -> "torch.amax(x, %s, False)";
            case MIN -> "torch.amin(x, %s, False)";
            case PROD -> "torch.prod(x, 1, False, None)";
            case SUM_SQUARES -> "torch.sum(torch.square(x), %s, False, None)";
            case NORM1 -> "torch.linalg_vector_norm(x, 1, %s, False, None)";
            case NORM2 -> "torch.linalg_vector_norm(x, 2, %s, False, None)";
        };
        String onnx = switch (op) {
            case SUM -> "Sum";
            case MEAN -> "Mean";
            case MAX -> "Max";
            case MIN -> "Min";
            case PROD -> "Prod";
            case SUM_SQUARES -> "SumSquare";
            case NORM1 -> "L1";
            case NORM2 -> "L2";
        };
        KernelCase<ReduceProblem> one = KernelCase.of(name(op.label(), shape, axes), "forward", problem)
                .tolerance(problem.terms() > 1000 || op == ReduceOp.PROD ? LONG : 1e-5);
        return (op == ReduceOp.PROD ? one.range("x", 0.9, 1.1) : one)
                .script("def run(x):\n  return " + result.formatted(merged) + "\n", """
                        axes = Constant <value_ints = %s> ()
                        y = Reduce%s <keepdims = 0> (x0, axes)
                        """.formatted(merged, onnx));
    }

    private static BenchCase arg(boolean largest, Shape shape, int axis) {
        return KernelCase.of(name(largest ? "argmax" : "argmin", shape, axis), "forward", ArgReduceProblem.of(largest, shape, axis))
                .script("def run(x):\n  return torch." + (largest ? "argmax" : "argmin") + "(x, 1, False)\n",
                        "y = " + (largest ? "ArgMax" : "ArgMin") + " <axis = 1, keepdims = 0> (x0)");
    }

    private static BenchCase scan(Shape shape, int axis) {
        return KernelCase.of(name("cumsum", shape, axis), "forward", ScanProblem.of(ReduceOp.SUM, shape, axis, false, false))
                .tolerance(LONG).script("def run(x):\n  return torch.cumsum(x, 1, None)\n",
                        "axis = Constant <value_int = 1> ()\ny = CumSum (x0, axis)");
    }

    private static String name(String what, int table, int count, int width) {
        return String.format(Locale.ROOT, "%s/%dx%d by %d", what, table, width, count);
    }

    private static BenchCase rows(int table, int count, int width) {
        return KernelCase.of(name("gather", table, count, width), "forward",
                new GatherProblem(DType.F32, 1, table, count, width, false)).range("index", 0, table)
                .script("def run(x, index):\n  return torch.index_select(x, 1, index)\n", "y = Gather <axis = 1> (x0, x1)");
    }

    private static BenchCase gradient(int table, int count, int width) {
        return KernelCase.of(name("scatter_add", table, count, width), "backward",
                new ScatterAddProblem(1, table, count, width, false, -1)).range("index", 0, table)
                .script("def run(x, index):\n  return torch.embedding_dense_backward(x, torch.unsqueeze(index, 0), " + table
                        + ", -1, False)\n");
    }
}
