package dev.quern.bench.kernel;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.gelu;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.relu;
import static dev.quern.kernels.expr.Expressions.sigmoid;

import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Suite;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.stream.IntStream;

/** The suite {@code elementwise}: functions of whole tensors, past the last-level cache, in f32. Cases are named FUNCTION/ELEMENTS. */
public final class ElementwiseSuite {
    private static final int ELEMENTS = 16 << 20;

    private ElementwiseSuite() {
    }

    /** The suite. */
    public static Suite suite() {
        return new Suite("elementwise", List.of(
                function("relu", 1, relu(input(0)), "torch.relu(x0)"),
                function("add", 2, add(input(0), input(1)), "torch.add(x0, x1)"),
                function("sigmoid", 1, sigmoid(input(0)), "torch.sigmoid(x0)"),
                function("gelu", 1, gelu(input(0)), "torch.gelu(x0)")));
    }

    private static BenchCase function(String name, int inputs, Expr result, String torch) {
        Shape shape = Shape.of(ELEMENTS);
        List<PointwiseProblem.Input> read = IntStream.range(0, inputs)
                .mapToObj(i -> PointwiseProblem.Input.contiguous("x" + i, DType.F32, shape)).toList();
        PointwiseProblem problem = PointwiseProblem.of(new PointwiseProblem.Part(shape, read, List.of(result)));
        return KernelCase.of(name + "/" + ELEMENTS, "forward", problem)
                .script("def run(" + (inputs == 1 ? "x0" : "x0, x1") + "):\n  return " + torch + "\n");
    }
}
