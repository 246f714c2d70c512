package dev.quern.kernels.pointwise;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.clip;
import static dev.quern.kernels.expr.Expressions.constant;
import static dev.quern.kernels.expr.Expressions.elu;
import static dev.quern.kernels.expr.Expressions.gelu;
import static dev.quern.kernels.expr.Expressions.geluTanh;
import static dev.quern.kernels.expr.Expressions.hardswish;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.leakyRelu;
import static dev.quern.kernels.expr.Expressions.less;
import static dev.quern.kernels.expr.Expressions.mul;
import static dev.quern.kernels.expr.Expressions.relu;
import static dev.quern.kernels.expr.Expressions.selu;
import static dev.quern.kernels.expr.Expressions.select;
import static dev.quern.kernels.expr.Expressions.silu;
import static dev.quern.kernels.expr.Expressions.softsign;
import static dev.quern.kernels.expr.Expressions.sub;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.expr.ElementwiseFunction;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.random.Distribution;
import dev.quern.kernels.random.Draw;
import dev.quern.kernels.random.Philox;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PointwiseTest {
    private static Input strided(DType dtype, long... strides) {
        List<Long> list = new ArrayList<>();
        for (long stride : strides) {
            list.add(stride);
        }
        return new Input("strided", dtype, list);
    }

    private static Part unary(int elements, Expr... results) {
        Shape shape = Shape.of(elements);
        return new Part(shape, List.of(Input.contiguous("x", DType.F32, shape)), List.of(results));
    }

    /** Every row of the table in one launch: a part a function, so that each is compiled once. */
    private static PointwiseProblem table(int elements) {
        Shape shape = Shape.of(elements);
        List<Part> parts = new ArrayList<>();
        for (ElementwiseFunction function : ElementwiseFunction.values()) {
            List<Input> inputs = new ArrayList<>();
            Expr[] arguments = new Expr[function.arity()];
            for (int i = 0; i < arguments.length; i++) {
                inputs.add(Input.contiguous("x" + i, DType.F32, shape));
                arguments[i] = input(i);
            }
            parts.add(new Part(shape, inputs, List.of(new Expr.Call(function, List.of(arguments)))));
        }
        return new PointwiseProblem(parts);
    }

    /** Positive, apart from zero and from halves: inside every function's domain and off its jumps. */
    private static void positive(HostTensor tensor, Random random) {
        for (long i = 0; i < tensor.shape().elements(); i++) {
            double value = 0.1 + 2 * random.nextDouble();
            double fromHalf = value * 2 - Math.rint(value * 2);
            tensor.set(i, Math.abs(fromHalf) < 0.02 ? value + 0.02 : value);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyFunctionOfTheTableAgreesWithItsMeaning(String id) {
        KernelCheck.of(new PointwiseFamily()).problems(table(77))
                .inputs((problem, operand, tensor, random) -> positive(tensor, random)).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void compositesStridesTypesAndSizesAgreeWithTheReference(String id) {
        Expr x = input(0);
        Shape shape = Shape.of(5, 7, 19);
        Shape deep = Shape.of(3, 2, 4, 5, 6);
        List<PointwiseProblem> problems = new ArrayList<>();
        for (int elements : new int[] {1, 2, 15, 16, 17, 4096, 4097, 70_001}) {
            problems.add(PointwiseProblem.of(unary(elements, mul(x, add(x, constant(1))))));
        }
        problems.add(PointwiseProblem.of(unary(1000, gelu(x), geluTanh(x), silu(x), elu(x, 0.7), selu(x), leakyRelu(x, 0.1),
                softsign(x), hardswish(x), clip(x, -0.5, 1.25))));
        // A row, a column and a scalar broadcast over a matrix; a transposed operand; integers and bytes.
        problems.add(PointwiseProblem.of(new Part(shape, List.of(Input.contiguous("full", DType.F32, shape),
                strided(DType.F32, 0, 0, 1), strided(DType.F32, 0, 1, 0), strided(DType.F32, 0, 0, 0)),
                List.of(relu(add(add(input(0), input(1)), mul(input(2), input(3))))))));
        problems.add(PointwiseProblem.of(new Part(shape, List.of(strided(DType.F32, 1, 95, 5)), List.of(x))));
        problems.add(PointwiseProblem.of(new Part(Shape.of(40, 33), List.of(strided(DType.F32, 1, 40)), List.of(x))));
        problems.add(PointwiseProblem.of(new Part(deep, List.of(Input.contiguous("full", DType.F32, deep),
                strided(DType.I32, 0, 5, 0, 1, 0), strided(DType.U8, 4, 0, 1, 0, 0)),
                List.of(add(input(0), input(1)), sub(input(2), input(0))))));
        problems.add(PointwiseProblem.of(new Part(Shape.scalar(), List.of(strided(DType.F32)), List.of(add(x, x)))));
        problems.add(PointwiseProblem.of(new Part(Shape.of(3, 40_000), List.of(strided(DType.F32, 0, 1)), List.of(x))));
        // Parts of different shapes, one of them a constant fill that reads nothing.
        problems.add(new PointwiseProblem(List.of(unary(10, x), unary(5000, mul(x, x)),
                new Part(Shape.of(33), List.of(), List.of(constant(2.5))),
                new Part(Shape.of(4, 20), List.of(strided(DType.F32, 0, 1), strided(DType.F32, 1, 0)),
                        List.of(mul(input(0), input(1)), add(input(0), input(1)))))));
        KernelCheck.of(new PointwiseFamily()).problems(problems).run(TestDevices.shared(id));
    }

    private static final List<DType> TYPES = List.of(DType.F32, DType.F16, DType.BF16, DType.I32, DType.U8, DType.BOOL);

    /** Every type cast to every type, numbers that no integer holds among them. */
    private static PointwiseProblem casts(int elements) {
        Shape shape = Shape.of(elements);
        Expr times16 = mul(input(0), constant(16));
        return new PointwiseProblem(TYPES.stream().map(from -> new Part(shape, List.of(Input.contiguous("x", from, shape)),
                TYPES.stream().map(to -> to.floating() ? input(0) : times16).toList(), TYPES)).toList());
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyTypeIsReadAndWritten(String id) {
        KernelCheck.of(new PointwiseFamily()).problems(casts(77)).inputs((problem, operand, tensor, random) -> {
            KernelCheck.gaussian(tensor, random);
            if (operand.dtype().floating()) {
                double[] special = {Double.NaN, 1e30, -1e30, Double.POSITIVE_INFINITY, -0.0, 3e-5, 1e-7, 65519.9, 65504, 300, -5};
                for (int i = 0; i < special.length; i++) {
                    tensor.set(3 * i, special[i]);
                }
            } else if (operand.dtype() != DType.BOOL) {
                tensor.set(5, 200);
            }
        }).run(TestDevices.shared(id));
        Shape shape = Shape.of(6, 40);
        KernelCheck.of(new PointwiseFamily()).problems(new PointwiseProblem(List.of(
                new Part(shape, List.of(strided(DType.F16, 0, 1), strided(DType.BF16, 1, 6)),
                        List.of(add(input(0), input(1)), mul(input(0), input(1))), List.of(DType.BF16, DType.F16)))))
                .run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void inputsBeginAnywhereAndRunBackwards(String id) {
        Input backwards = new Input("backwards", DType.F32, 6 * 40 - 1, List.of(-40L, -1L), Optional.empty());
        Input everyOther = new Input("every other", DType.F32, 7, List.of(90L, 2L), Optional.empty());
        KernelCheck.of(new PointwiseFamily()).problems(PointwiseProblem.of(new Part(Shape.of(6, 40),
                List.of(backwards, everyOther), List.of(sub(input(0), input(1)))))).run(TestDevices.shared(id));
    }

    private static Input drawn(Distribution distribution, long offset, long... strides) {
        return new Input("drawn", DType.I32, offset, Arrays.stream(strides).boxed().toList(),
                Optional.of(new Draw(distribution, Philox.purpose("test"))));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void randomNumbersAreThoseOfTheStream(String id) {
        Shape shape = Shape.of(9, 84);
        KernelCheck.of(new PointwiseFamily()).tolerance(problem -> 1e-6).problems(
                new PointwiseProblem(List.of(
                        new Part(Shape.of(1003), List.of(drawn(Distribution.UNIFORM, 0, 1)), List.of(input(0))),
                        new Part(Shape.of(500), List.of(drawn(Distribution.NORMAL, 0, 1)), List.of(input(0))),
                        new Part(Shape.of(1003), List.of(drawn(Distribution.bernoulli(0.3), 0, 1)), List.of(input(0))))),
                new PointwiseProblem(List.of(
                        // Rows that begin at multiples of four, a draw read the other way round, and one at an odd place.
                        new Part(shape, List.of(drawn(Distribution.UNIFORM, 0, 84, 1), strided(DType.F32, 0, 1)),
                                List.of(select(less(input(0), constant(0.75)), mul(input(1), constant(1 / 0.75)), constant(0)))),
                        new Part(shape, List.of(drawn(Distribution.bernoulli(0.75), 0, 84, 1), drawn(Distribution.UNIFORM, 0, 84, 1),
                                strided(DType.F32, 0, 1)), List.of(select(input(0), mul(input(1), input(2)), constant(0)))),
                        new Part(shape, List.of(drawn(Distribution.UNIFORM, 3, 1, 9)), List.of(input(0))),
                        new Part(shape, List.of(drawn(Distribution.bernoulli(0.6), 3, 1, 9)), List.of(input(0))),
                        new Part(shape, List.of(drawn(Distribution.UNIFORM, 755, -84, -1), drawn(Distribution.UNIFORM, 1, 0, 0)),
                                List.of(add(input(0), input(1)))))))
                .inputs((problem, operand, tensor, random) -> {
                    KernelCheck.gaussian(tensor, random);
                    if (operand.dtype() == DType.I32) {
                        HostTensor key = Draw.key(0x123456789abcdefL, 0xfedcba98765L);
                        for (int i = 0; i < 4; i++) {
                            tensor.set(i, key.get(i));
                        }
                    }
                }).run(TestDevices.shared(id));
    }

    /** Rows and tensors that are long enough for several strands, and a little more. */
    private static List<PointwiseProblem> streamed(int elements) {
        Shape shape = Shape.of(elements);
        Shape rows = Shape.of(3, 4160);
        Input x = Input.contiguous("x", DType.F32, shape);
        return List.of(PointwiseProblem.of(unary(elements, relu(input(0)))),
                PointwiseProblem.of(new Part(shape, List.of(x, Input.contiguous("y", DType.BF16, shape)),
                        List.of(add(input(0), input(1)), sub(input(0), input(1))))),
                PointwiseProblem.of(new Part(shape, List.of(Input.contiguous("x", DType.F16, shape)), List.of(input(0)), List.of(DType.F16))),
                PointwiseProblem.of(new Part(shape, List.of(x), List.of(input(0), input(0), mul(input(0), constant(16))),
                        List.of(DType.BF16, DType.BOOL, DType.U8))),
                PointwiseProblem.of(new Part(rows, List.of(Input.contiguous("x", DType.F32, rows), strided(DType.F32, 1, 0)),
                        List.of(add(input(0), input(1))))),
                PointwiseProblem.of(new Part(shape, List.of(x, drawn(Distribution.UNIFORM, 0, 1)),
                        List.of(select(less(input(1), constant(0.5)), input(0), constant(0))), List.of(DType.BF16))),
                PointwiseProblem.of(new Part(shape, List.of(x, drawn(Distribution.bernoulli(0.9), 0, 1)),
                        List.of(select(input(1), input(0), constant(0))))));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void resultsStoredPastTheCachesAreTheSame(String id) {
        KernelCheck.of(new PointwiseFamily()).tunables().problems(streamed(8321)).run(TestDevices.shared(id));
    }

    @Test
    @Tag("oclgrind")
    void resultsStoredPastTheCachesStayInTheirBuffers() {
        KernelCheck.of(new PointwiseFamily()).only("vector_tile").tunables().problems(streamed(4193)).run(Sanitizer.device());
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        Shape shape = Shape.of(3, 5, 18);
        KernelCheck.of(new PointwiseFamily()).problems(
                new PointwiseProblem(List.of(unary(37, relu(input(0))), new Part(shape,
                        List.of(Input.contiguous("full", DType.F32, shape), strided(DType.F32, 0, 1, 0)),
                        List.of(add(input(0), input(1)))))),
                PointwiseProblem.of(new Part(Shape.of(20, 33), List.of(strided(DType.F32, 1, 20), strided(DType.U8, 0, 1)),
                        List.of(mul(input(0), input(1))))),
                casts(18), PointwiseProblem.of(new Part(Shape.of(70), List.of(drawn(Distribution.UNIFORM, 0, 1)),
                        List.of(input(0)))))
                .run(Sanitizer.device());
    }

    @Test
    void neighbouringAxesThatAreWalkedAsOneBecomeOneLoop() {
        Shape shape = Shape.of(2, 3, 4, 5);
        Part contiguous = new Part(shape, List.of(Input.contiguous("x", DType.F32, shape)), List.of(input(0)));
        assertThat(Loops.of(contiguous).extents()).containsExactly(120L);
        Part channels = new Part(shape, List.of(Input.contiguous("x", DType.F32, shape), strided(DType.F32, 0, 1, 0, 0)),
                List.of(add(input(0), input(1))));
        assertThat(Loops.of(channels).extents()).containsExactly(2L, 3L, 20L);
    }

    @Test
    void stridesThatDoNotMatchTheShapeAreRefused() {
        assertThatThrownBy(() -> new Part(Shape.of(2, 3), List.of(strided(DType.F32, 1)), List.of(input(0))))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("[2, 3]").hasMessageContaining("[1]");
        assertThatThrownBy(() -> new Part(Shape.of(0), List.of(strided(DType.F32, 1)), List.of(input(0))))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("at least one element");
    }
}
