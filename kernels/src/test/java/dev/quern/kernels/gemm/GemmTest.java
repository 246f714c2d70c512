package dev.quern.kernels.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of matrix multiplication against the reference. */
class GemmTest {
    /** Sizes around every tile's edge, in all four transpositions, batched and with shared operands. */
    private static List<GemmProblem> problems() {
        List<GemmProblem> problems = new ArrayList<>();
        for (int transposed = 0; transposed < 4; transposed++) {
            problems.add(GemmProblem.of(13, 33, 17, (transposed & 2) != 0, (transposed & 1) != 0));
        }
        problems.add(GemmProblem.of(1, 1, 1, false, false));
        problems.add(GemmProblem.of(64, 10, 84, false, true));
        problems.add(GemmProblem.of(64, 120, 400, false, true));
        problems.add(GemmProblem.of(25, 120, 64, true, false));
        problems.add(GemmProblem.of(97, 131, 515, false, false));
        problems.add(GemmProblem.of(1, 70, 300, false, false));
        problems.add(GemmProblem.of(70, 1, 300, true, true));
        problems.add(GemmProblem.of(7, 19, 23, false, false).batched(3, false, false).scaled(0.5f));
        problems.add(GemmProblem.of(20, 40, 9, false, true).batched(4, true, false));
        problems.add(GemmProblem.of(20, 40, 9, true, false).batched(4, false, true));
        return problems;
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String device) {
        KernelCheck.of(new GemmFamily()).problems(problems()).run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void epiloguesRideOnEveryVariant(String device) {
        KernelCheck.of(new GemmFamily()).epilogues().problems(GemmProblem.of(13, 33, 17, false, false),
                GemmProblem.of(13, 33, 17, false, true), GemmProblem.of(20, 40, 9, true, false),
                GemmProblem.of(64, 10, 84, false, true), GemmProblem.of(70, 64, 9, false, false),
                GemmProblem.of(5, 48, 300, false, true), GemmProblem.of(7, 19, 23, false, false).batched(2, false, false))
                .run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyValueOfEveryTunableAgreesWithTheReference(String device) {
        KernelCheck.of(new GemmFamily()).tunables().problems(GemmProblem.of(70, 83, 131, false, false))
                .run(TestDevices.shared(device));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        KernelCheck.of(new GemmFamily()).epilogues().problems(GemmProblem.of(13, 18, 9, false, false),
                GemmProblem.of(18, 35, 9, true, false), GemmProblem.of(5, 7, 20, false, true),
                GemmProblem.of(3, 5, 4, true, true).batched(2, false, true)).run(TestDevices.shared("opencl:0"));
        KernelCheck.of(new GemmFamily()).tunables().problems(GemmProblem.of(14, 37, 5, false, false))
                .run(TestDevices.shared("opencl:0"));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomAgreeWithTheReference(String device) {
        long seed = Long.getLong("quern.fuzz.seed", 1);
        Random random = new Random(seed);
        List<GemmProblem> drawn = new ArrayList<>();
        for (int i = 0; i < Integer.getInteger("quern.fuzz.cases", 2); i++) {
            GemmProblem problem = GemmProblem.of(1 + random.nextInt(80), 1 + random.nextInt(80), 1 + random.nextInt(80),
                    random.nextBoolean(), random.nextBoolean());
            drawn.add(random.nextInt(3) > 0 ? problem
                    : problem.batched(1 + random.nextInt(3), random.nextBoolean(), random.nextBoolean()));
        }
        KernelCheck.of(new GemmFamily()).seed(seed).epilogues().partial().problems(drawn).run(TestDevices.shared(device));
    }

    /** On a CPU with OpenCL: large products are packed, small and skinny ones are not. */
    @Test
    void theHeuristicPacksWhatIsWorthIt() {
        Selector selector = new Selector(Families.load(), TestDevices.shared("opencl:0").info(), Pins.none());
        assertThat(selector.device().kind()).isEqualTo(DeviceKind.CPU);
        assertThat(chosen(selector, GemmProblem.of(512, 512, 512, false, false))).isEqualTo("packed_cpu");
        assertThat(chosen(selector, GemmProblem.of(1024, 1024, 64, true, false))).isEqualTo("packed_cpu");
        assertThat(chosen(selector, GemmProblem.of(64, 120, 400, false, true))).isEqualTo("direct_cpu");
        assertThat(chosen(selector, GemmProblem.of(120, 400, 64, true, false))).isEqualTo("direct_cpu");
        assertThat(chosen(selector, GemmProblem.of(16, 1024, 1024, false, false))).isEqualTo("direct_cpu");
        assertThat(chosen(selector, GemmProblem.of(1, 1, 1, false, false))).isEqualTo("direct_cpu");
        assertThat(chosen(selector, GemmProblem.of(5, 5, 5, true, true))).isEqualTo("packed_cpu");
    }

    private static String chosen(Selector selector, GemmProblem problem) {
        return selector.choose("product", problem, Epilogue.none()).variant().name();
    }

    @Test
    void aBatchTimesOneSharedMatrixFlattensToOneTallProduct() {
        GemmProblem batch = GemmProblem.of(7, 5, 3, false, true).batched(4, false, true);
        assertThat(batch.flattened()).isEqualTo(GemmProblem.of(28, 5, 3, false, true));
        assertThat(GemmProblem.of(7, 5, 3, true, false).batched(4, false, true).flattened().batch()).isEqualTo(4);
    }

    @Test
    void operandsHaveTheirStoredShapes() {
        GemmProblem problem = GemmProblem.of(2, 3, 4, true, false).batched(5, false, true);
        assertThat(problem.operands()).extracting(operand -> operand.shape())
                .containsExactly(Shape.of(5, 4, 2), Shape.of(4, 3), Shape.of(5, 2, 3));
        assertThat(problem.key()).isEqualTo("gemm f32 2x3x4 tn batch=5 shared-b");
        assertThat(problem.cost().flops()).isEqualTo(2.0 * 5 * 2 * 3 * 4);
    }

    @Test
    void impossibleProductsAreRefusedWithTheirSizes() {
        assertThatThrownBy(() -> GemmProblem.of(0, 3, 4, false, false)).isInstanceOf(QuernException.class)
                .hasMessage("gemm of 1 x [0, 4] * [4, 3]: batch, m, n and k must be at least 1; drop empty products beforehand");
        assertThatThrownBy(() -> GemmProblem.of(1 << 16, 1 << 16, 1, false, false)).isInstanceOf(QuernException.class)
                .hasMessageContaining("c would have more than 2^31 - 1 elements");
        assertThatThrownBy(() -> new GemmProblem(1, 2, 2, 2, false, false, false, false, 1, DType.F16))
                .isInstanceOf(QuernException.class).hasMessageContaining("only F32");
    }
}
