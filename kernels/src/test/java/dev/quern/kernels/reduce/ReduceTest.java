package dev.quern.kernels.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of reductions against the reference. */
class ReduceTest {
    private static List<ReduceProblem> problems() {
        return List.of(ReduceProblem.of(ReduceOp.SUM, Shape.of(8, 6, 24, 24), 0, 2, 3),
                ReduceProblem.of(ReduceOp.SUM, Shape.of(64, 120), 0), ReduceProblem.of(ReduceOp.MEAN, Shape.of(33, 50), 1),
                ReduceProblem.of(ReduceOp.SUM, Shape.of(300_001), 0), ReduceProblem.of(ReduceOp.MAX, Shape.of(7, 2500), 1),
                ReduceProblem.of(ReduceOp.MIN, Shape.of(900, 70), 0), ReduceProblem.of(ReduceOp.PROD, Shape.of(3, 5, 7), 1),
                ReduceProblem.of(ReduceOp.MEAN, Shape.of(4, 3, 2, 5, 3), 0, 2, 4),
                ReduceProblem.of(ReduceOp.NORM2, Shape.of(5, 3, 70), 0, 2), ReduceProblem.of(ReduceOp.NORM1, Shape.of(37, 33), 0),
                ReduceProblem.of(ReduceOp.SUM_SQUARES, Shape.of(100_003), 0),
                ReduceProblem.of(ReduceOp.MEAN, DType.F16, Shape.of(6, 37), 1),
                ReduceProblem.of(ReduceOp.SUM, DType.BF16, Shape.of(50_001), 0),
                ReduceProblem.of(ReduceOp.SUM, Shape.of(531, 16), 1), ReduceProblem.of(ReduceOp.MAX, DType.BF16, Shape.of(40, 16), 1),
                ReduceProblem.of(ReduceOp.MAX, DType.F16, Shape.of(9, 37), 0), ReduceProblem.of(ReduceOp.MAX, Shape.scalar()));
    }

    private static double tolerance(ReduceProblem problem) {
        return problem.terms() > 1000 ? 1e-4 : 1e-5;
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new ReduceFamily()).tolerance(ReduceTest::tolerance).problems(problems()).run(device);
        KernelCheck.of(new ReduceFamily()).epilogues().problems(ReduceProblem.of(ReduceOp.SUM, Shape.of(3, 4, 2, 19), 0, 2),
                ReduceProblem.of(ReduceOp.MEAN, Shape.of(37, 5), 1)).run(device);
    }

    /** Tensors of one shape side by side, along each kind of axis, and long enough for parts. */
    private static List<ReduceProblem> several() {
        return List.of(ReduceProblem.of(ReduceOp.SUM, Shape.of(64, 84), 0).of(3), ReduceProblem.of(ReduceOp.MEAN, Shape.of(33, 50), 1).of(2),
                ReduceProblem.of(ReduceOp.SUM_SQUARES, Shape.of(100_003), 0).of(2),
                ReduceProblem.of(ReduceOp.MAX, DType.F16, Shape.of(9, 37), 0).of(ReduceProblem.MOST_MEMBERS));
    }

    private static List<ReduceProblem> withPrologues() {
        return List.of(ReduceProblem.of(ReduceOp.SUM, Shape.of(3, 4, 2, 19), 0, 2), ReduceProblem.of(ReduceOp.MEAN, Shape.of(37, 5), 1),
                ReduceProblem.of(ReduceOp.SUM, Shape.of(40_003), 0), ReduceProblem.of(ReduceOp.MAX, Shape.of(21, 83), 1),
                ReduceProblem.of(ReduceOp.MEAN, Shape.of(64, 48), 0), ReduceProblem.of(ReduceOp.SUM, Shape.of(64, 35), 0).of(2),
                ReduceProblem.of(ReduceOp.NORM2, Shape.of(70, 160), 0).of(2));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantReducesSeveralTensorsAtOnce(String id) {
        KernelCheck.of(new ReduceFamily()).tolerance(ReduceTest::tolerance).partial().problems(several()).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAppliesProloguesAsItLoads(String id) {
        KernelCheck.of(new ReduceFamily()).tolerance(ReduceTest::tolerance).partial().prologues().problems(withPrologues())
                .run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void nanWinsAnExtreme(String id) {
        KernelCheck.of(new ReduceFamily())
                .problems(ReduceProblem.of(ReduceOp.MAX, Shape.of(3, 40), 1), ReduceProblem.of(ReduceOp.MIN, Shape.of(40, 3), 0))
                .inputs((problem, operand, tensor, random) -> {
                    KernelCheck.gaussian(tensor, random);
                    tensor.set(55, Double.NaN);
                    tensor.set(2, Double.NEGATIVE_INFINITY);
                }).run(TestDevices.shared(id));
    }

    /** A million equal numbers: plain summation in F32 would be off in the third digit. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void longSumsKeepTheirDigits(String id) {
        KernelCheck.of(new ReduceFamily())
                .problems(ReduceProblem.of(ReduceOp.SUM, Shape.of(1_000_000), 0),
                        ReduceProblem.of(ReduceOp.MEAN, Shape.of(500_000, 2), 0))
                .tolerance(problem -> 1e-4)
                .inputs((problem, operand, tensor, random) -> {
                    for (long i = 0; i < tensor.shape().elements(); i++) {
                        tensor.set(i, 0.1);
                    }
                }).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomAgreeWithTheReference(String id) {
        KernelCheck.of(new ReduceFamily()).tolerance(ReduceTest::tolerance).epilogues().prologues().drawn(from -> {
            int rank = from.between(1, 5);
            int[] shape = IntStream.range(0, rank).map(axis -> from.extent(rank == 1 ? 5000 : rank == 2 ? 150 : 40 / rank)).toArray();
            int[] axes = IntStream.range(0, rank).filter(axis -> from.yes()).toArray();
            ReduceOp op = from.oneOf(ReduceOp.values());
            // Products of thousands of numbers leave every range.
            return ReduceProblem.of(op == ReduceOp.PROD ? ReduceOp.SUM : op, from.storage(), Shape.of(shape), axes)
                    .of(from.oneIn(4) ? from.between(2, 4) : 1);
        }).run(TestDevices.shared(id));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        KernelCheck.of(new ReduceFamily()).tunables().epilogues()
                .problems(ReduceProblem.of(ReduceOp.SUM, Shape.of(2, 3, 37), 0, 2), ReduceProblem.of(ReduceOp.MEAN, Shape.of(5, 39), 0),
                        ReduceProblem.of(ReduceOp.MAX, Shape.of(2, 3, 2, 3), 1, 3), ReduceProblem.of(ReduceOp.SUM, Shape.of(35, 16), 1))
                .run(Sanitizer.device());
        KernelCheck.of(new ReduceFamily()).partial().problems(ReduceProblem.of(ReduceOp.SUM, Shape.of(4500), 0))
                .run(Sanitizer.device());
        KernelCheck.of(new ReduceFamily()).partial().prologues()
                .problems(ReduceProblem.of(ReduceOp.SUM, Shape.of(2, 3, 37), 0, 2).of(2), ReduceProblem.of(ReduceOp.MEAN, Shape.of(5, 39), 0).of(3))
                .run(Sanitizer.device());
    }

    @Test
    void neighbouringAxesAreOneAndExtentsOfOneAreGone() {
        ReduceProblem bias = ReduceProblem.of(ReduceOp.SUM, Shape.of(64, 6, 24, 24), 0, -2, -1);
        assertThat(bias.key()).isEqualTo("reduce sum f32 r64.k6.r576");
        assertThat(bias).isEqualTo(ReduceProblem.of(ReduceOp.SUM, Shape.of(64, 1, 6, 576), 3, 0));
        assertThat(bias.terms()).isEqualTo(64 * 576);
        assertThat(bias.outputs()).isEqualTo(6);
        assertThat(ReduceProblem.of(ReduceOp.MAX, Shape.of(3, 4)).key()).isEqualTo("reduce max f32 k12");
    }

    @Test
    void impossibleReductionsAreRefusedWithTheirShapes() {
        assertThatThrownBy(() -> ReduceProblem.of(ReduceOp.SUM, Shape.of(2, 3), 2)).isInstanceOf(QuernException.class)
                .hasMessage("reduce sum of [2, 3] over axes [2]: axis 2 must be in [-2, 1]");
        assertThatThrownBy(() -> ReduceProblem.of(ReduceOp.SUM, Shape.of(2, 3), 1, -1)).isInstanceOf(QuernException.class)
                .hasMessage("reduce sum of [2, 3] over axes [1, -1]: axis -1 is named twice");
        assertThatThrownBy(() -> ReduceProblem.of(ReduceOp.MAX, Shape.of(0, 3), 0)).isInstanceOf(QuernException.class)
                .hasMessageContaining("nothing can be reduced from an empty tensor");
    }
}
