package dev.quern.kernels.random;

import static dev.quern.kernels.expr.Expressions.add;
import static dev.quern.kernels.expr.Expressions.constant;
import static dev.quern.kernels.expr.Expressions.input;
import static dev.quern.kernels.expr.Expressions.less;
import static dev.quern.kernels.expr.Expressions.mul;
import static dev.quern.kernels.expr.Expressions.select;

import dev.quern.kernels.Operand;
import dev.quern.kernels.expr.Expr;
import dev.quern.kernels.pointwise.PointwiseFamily;
import dev.quern.kernels.pointwise.PointwiseProblem;
import dev.quern.kernels.pointwise.PointwiseProblem.Input;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random numbers that kernels draw, in tensors of any shape that are read in any order, with any key. */
class RandomTest {
    /** A tensor of random numbers, permuted, reversed, repeated along some axes or begun somewhere. */
    private static Input drawn(Choices from, Shape shape) {
        long[] strides = shape.strides();
        long offset = from.yes() ? from.between(0, 9) : 0;
        for (int axis = 0; axis < strides.length; axis++) {
            switch (from.between(0, 6)) {
                case 4 -> strides[axis] = 0;
                case 5 -> {
                    offset += (shape.extent(axis) - 1) * strides[axis];
                    strides[axis] = -strides[axis];
                }
                case 6 -> strides[axis] *= 3;
                default -> {
                }
            }
        }
        Distribution distribution = from.oneOf(Distribution.UNIFORM, Distribution.NORMAL, Distribution.bernoulli(from.oneOf(0.5, 0.9, 1 / 3.0, 1e-5)));
        return new Input("drawn", DType.I32, offset, Arrays.stream(strides).boxed().toList(),
                Optional.of(new Draw(distribution, Philox.purpose(from.oneOf("dropout", "noise")))));
    }

    private static Part part(Choices from) {
        int rank = from.between(1, 3);
        Shape shape = Shape.of(IntStream.range(0, rank).map(axis -> from.extent(rank == 1 ? 5000 : 150 / rank / rank)).toArray());
        List<Input> inputs = new ArrayList<>(List.of(drawn(from, shape)));
        Expr result = input(0);
        switch (from.between(0, 2)) {
            case 1 -> {
                inputs.add(drawn(from, shape));
                result = add(result, input(1));
            }
            case 2 -> {
                inputs.add(Input.contiguous("x", DType.F32, shape));
                result = select(less(result, constant(0.75)), mul(input(1), constant(1 / 0.75)), constant(0));
            }
            default -> {
            }
        }
        return new Part(shape, inputs, List.of(result));
    }

    private static void key(PointwiseProblem problem, Operand operand, HostTensor tensor, Random random) {
        KernelCheck.gaussian(tensor, random);
        if (operand.dtype() == DType.I32) {
            for (int i = 0; i < 4; i++) {
                tensor.set(i, random.nextInt());
            }
        }
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void numbersDrawnAnyhowAreThoseOfTheStream(String id) {
        KernelCheck.of(new PointwiseFamily()).inputs(RandomTest::key)
                .drawn(from -> new PointwiseProblem(from.oneIn(4) ? List.of(part(from), part(from)) : List.of(part(from))))
                .run(TestDevices.shared(id));
    }
}
