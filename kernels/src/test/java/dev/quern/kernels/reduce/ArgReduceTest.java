package dev.quern.kernels.reduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of argmax and argmin against the reference; indices must be equal. */
class ArgReduceTest {
    private static List<ArgReduceProblem> problems() {
        return List.of(new ArgReduceProblem(true, DType.F32, 33, 100, 1), new ArgReduceProblem(false, DType.F32, 2, 40_003, 1),
                new ArgReduceProblem(true, DType.F32, 3, 7, 37), new ArgReduceProblem(false, DType.F16, 4, 9_000, 5),
                new ArgReduceProblem(true, DType.BF16, 5, 19, 1), new ArgReduceProblem(true, DType.F32, 1, 1, 1),
                new ArgReduceProblem(true, DType.F32, 1, 41, 1100));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String id) {
        KernelCheck.of(new ArgReduceFamily()).problems(problems()).run(TestDevices.shared(id));
    }

    /** Few values, so that the extreme occurs often; some rows hold nothing but one value or infinities. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void theFirstOfEqualsWins(String id) {
        KernelCheck.of(new ArgReduceFamily()).problems(problems()).inputs((problem, operand, tensor, random) -> {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, i < 40 ? problem.largest() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY
                        : random.nextInt(3) - (random.nextBoolean() ? 0.0 : -0.0));
            }
        }).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void theFirstNanWins(String id) {
        KernelCheck.of(new ArgReduceFamily()).problems(problems()).inputs((problem, operand, tensor, random) -> {
            KernelCheck.gaussian(tensor, random);
            for (long i = 3; i < tensor.shape().elements(); i += 1 + random.nextInt(90)) {
                tensor.set(i, Double.NaN);
            }
        }).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomAgreeWithTheReference(String id) {
        KernelCheck.of(new ArgReduceFamily())
                .drawn(from -> new ArgReduceProblem(from.yes(), from.storage(), from.between(1, 9),
                        from.oneIn(8) ? from.extent(40_000) : from.extent(300), from.yes() ? 1 : from.extent(50)))
                .run(TestDevices.shared(id));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        KernelCheck.of(new ArgReduceFamily()).tunables()
                .problems(new ArgReduceProblem(true, DType.F32, 3, 37, 1), new ArgReduceProblem(false, DType.F16, 2, 5, 19),
                        new ArgReduceProblem(true, DType.F32, 1, 33_001, 1))
                .run(Sanitizer.device());
    }

    @Test
    void anAxisOfATensorIsFound() {
        assertThat(ArgReduceProblem.of(true, Shape.of(2, 3, 4, 5), -3)).isEqualTo(new ArgReduceProblem(true, DType.F32, 2, 3, 20));
        assertThat(ArgReduceProblem.of(false, Shape.of(6), 0).key()).isEqualTo("arg-reduce argmin f32 1x6x1");
    }

    @Test
    void impossibleProblemsAreRefusedWithTheirShapes() {
        assertThatThrownBy(() -> ArgReduceProblem.of(true, Shape.of(2, 3), 2)).isInstanceOf(QuernException.class)
                .hasMessage("argmax along axis 2 of [2, 3]: the axis must be in [-2, 1]");
        assertThatThrownBy(() -> ArgReduceProblem.of(false, Shape.of(2, 0), 1)).isInstanceOf(QuernException.class)
                .hasMessage("argmin of [2, 0, 1]: every extent must be at least 1; an empty tensor has no extreme");
        assertThatThrownBy(() -> new ArgReduceProblem(true, DType.I32, 1, 2, 1)).isInstanceOf(QuernException.class)
                .hasMessage("argmax of [1, 2, 1]: is I32; it is computed for F32, F16 and BF16");
    }
}
