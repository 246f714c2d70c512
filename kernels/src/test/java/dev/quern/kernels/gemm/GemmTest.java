package dev.quern.kernels.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.kernels.KernelBinding;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.Elements;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.DeviceKind;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Memory;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.Slice;
import dev.quern.runtime.Staging;
import dev.quern.runtime.testing.TestDevices;
import java.lang.foreign.MemorySegment;
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

    /** Windows of larger matrices, batches with gaps or interleaved, something added, other storage types. */
    private static List<GemmProblem> layouts() {
        List<GemmProblem> problems = new ArrayList<>();
        for (int transposed = 0; transposed < 4; transposed++) {
            GemmProblem dense = GemmProblem.of(14, 35, 19, (transposed & 2) != 0, (transposed & 1) != 0);
            problems.add(dense.placed(dense.a().window(3, 41, 1000), dense.b().window(50, 40, 2000), dense.c().window(5, 37, 600))
                    .adding(0.5f, dense.c().window(1, 36, 700)));
        }
        GemmProblem batch = GemmProblem.of(6, 20, 11, false, false).batched(3, false, false);
        // The products' columns lie side by side in one wide matrix, as heads of attention do.
        problems.add(batch.placed(batch.a().window(0, 33, 198).strided(11, 198), batch.b(), batch.c().window(0, 60, 360)
                .strided(20, 360)).adding(-1));
        problems.add(batch.placed(batch.a().strided(0, 66), batch.b().strided(230, 700), batch.c().strided(130, 400)).scaled(2));
        problems.add(GemmProblem.of(20, 40, 9, false, true).adding(1).scaled(0.25f));
        return problems;
    }

    /**
     * Skinny products in every orientation, with and without a tail, and long sums over a small c; small operands that each core packs
     * for itself, those that are too large for that, and rows that are too long to be read in place.
     */
    private static List<GemmProblem> skinny() {
        return List.of(GemmProblem.of(150, 16, 300, false, false), GemmProblem.of(77, 40, 130, false, true),
                GemmProblem.of(13, 170, 300, false, false), GemmProblem.of(30, 64, 140, true, false),
                GemmProblem.of(170, 13, 300, true, false), GemmProblem.of(64, 5, 140, true, true),
                GemmProblem.of(9, 90, 290, false, true), GemmProblem.of(126, 131, 530, false, true), GemmProblem.of(131, 62, 1060, false, true),
                GemmProblem.of(11, 100, 1030, false, false), GemmProblem.of(20, 100, 70, true, true).batched(2, false, false),
                GemmProblem.of(100, 20, 270, false, false).batched(2, false, true), GemmProblem.of(15, 14, 4500, false, false),
                GemmProblem.of(40, 50, 2500, true, true).adding(1));
    }

    private static List<GemmProblem> stored() {
        GemmProblem plain = GemmProblem.of(21, 37, 45, false, false);
        return List.of(plain.stored(DType.F16, DType.F16, DType.F16), plain.stored(DType.BF16, DType.BF16, DType.BF16).adding(0.5f),
                GemmProblem.of(21, 37, 45, true, true).stored(DType.BF16, DType.F16, DType.F32),
                GemmProblem.of(21, 37, 300, false, true).stored(DType.F16, DType.F32, DType.BF16),
                GemmProblem.of(21, 37, 300, true, false).stored(DType.F32, DType.BF16, DType.F16));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void operandsMayBeWindowsWithStridesAndSomethingMayBeAdded(String device) {
        KernelCheck.of(new GemmFamily()).partial().problems(layouts()).run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void skinnyProductsAgreeInEveryOrientation(String device) {
        KernelCheck.of(new GemmFamily()).only("skinny_cpu", "wide_cpu", "packed_cpu", "split_k").epilogues().partial().problems(skinny()).run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void operandsMayBeStoredInSixteenBits(String device) {
        KernelCheck.of(new GemmFamily()).partial().problems(stored()).run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void prologuesAreAppliedAsOperandsAreLoaded(String device) {
        KernelCheck.of(new GemmFamily()).prologues().partial().problems(GemmProblem.of(13, 33, 17, false, false),
                GemmProblem.of(13, 33, 17, true, true), GemmProblem.of(70, 7, 40, false, true),
                GemmProblem.of(7, 19, 23, true, false).batched(2, false, true)).run(TestDevices.shared(device));
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
        KernelCheck.of(new GemmFamily()).tunables().problems(GemmProblem.of(70, 70, 131, false, false))
                .run(TestDevices.shared(device));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        KernelCheck.of(new GemmFamily()).epilogues().problems(GemmProblem.of(13, 18, 9, false, false),
                GemmProblem.of(18, 35, 9, true, false), GemmProblem.of(5, 7, 20, false, true),
                GemmProblem.of(3, 5, 4, true, true).batched(2, false, true),
                GemmProblem.of(33, 6, 5, true, false)).run(Sanitizer.device());
        GemmProblem window = GemmProblem.of(5, 18, 7, false, false);
        KernelCheck.of(new GemmFamily()).prologues().partial().problems(window.adding(2)).run(Sanitizer.device());
        KernelCheck.of(new GemmFamily()).partial().problems(window.placed(window.a().window(2, 9, 45),
                window.b().window(1, 20, 139), window.c().window(3, 21, 105)).adding(2)).run(Sanitizer.device());
        KernelCheck.of(new GemmFamily()).tunables().problems(GemmProblem.of(37, 14, 5, false, false),
                GemmProblem.of(7, 18, 5, false, false)).run(Sanitizer.device());
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomAgreeWithTheReference(String device) {
        KernelCheck.of(new GemmFamily()).epilogues().prologues(new Matrices()).drawn(GemmTest::drawn).run(TestDevices.shared(device));
    }

    /** Matrices, of which those that are windows have gaps. */
    private static final class Matrices implements Elements<GemmProblem> {
        private final Elements<GemmProblem> dense = Elements.dense();

        @Override
        public Shape shape(GemmProblem problem, int operand) {
            Shape stored = dense.shape(problem, operand);
            return stored.rank() > 1 || operand > GemmProblem.B ? stored
                    : operand == GemmProblem.A ? turned(problem.m(), problem.k(), problem.transposeA())
                    : turned(problem.k(), problem.n(), problem.transposeB());
        }

        private static Shape turned(int rows, int columns, boolean transpose) {
            return transpose ? Shape.of(columns, rows) : Shape.of(rows, columns);
        }

        @Override
        public long at(GemmProblem problem, int operand, long element) {
            if (dense.shape(problem, operand).rank() > 1 || operand > GemmProblem.B) {
                return element;
            }
            GemmMatrix matrix = operand == GemmProblem.A ? problem.a() : problem.b();
            long columns = shape(problem, operand).extent(1);
            return matrix.offset() + element / columns * matrix.leading() + element % columns;
        }
    }

    /** Transpositions, storage types, what is shared and what is added are the form; sizes, batch and windows are a case's own. */
    private static GemmProblem drawn(Choices choices) {
        Choices form = choices.form();
        boolean transposeA = form.yes();
        boolean transposeB = form.yes();
        boolean batched = form.oneIn(3);
        boolean sharedA = batched && form.yes();
        boolean sharedB = batched && form.yes();
        boolean stored = form.oneIn(3);
        boolean added = form.oneIn(3);
        GemmProblem problem = GemmProblem.of(choices.extent(90), choices.extent(90), choices.extent(300), transposeA, transposeB);
        problem = batched ? problem.batched(choices.between(1, 3), sharedA, sharedB) : problem;
        problem = stored ? problem.stored(form.storage(), form.storage(), form.storage()) : problem;
        if (!batched && form.oneIn(3)) {
            problem = problem.placed(window(choices, problem.a()), window(choices, problem.b()), window(choices, problem.c()));
        }
        problem = added ? problem.adding(0.5f) : problem;
        return choices.oneIn(4) ? problem.scaled(-0.25f) : problem;
    }

    private static GemmMatrix window(Choices choices, GemmMatrix dense) {
        int offset = choices.between(0, 9);
        int leading = dense.leading() + choices.between(0, 9);
        int rows = dense.extent() / dense.leading();
        return dense.window(offset, leading, offset + rows * leading);
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
        assertThat(chosen(selector, GemmProblem.of(1760, 128, 1760, false, false))).isEqualTo("skinny_cpu");
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
        GemmProblem plain = GemmProblem.of(2, 3, 4, false, false);
        assertThatThrownBy(() -> plain.stored(DType.I32, DType.F32, DType.F32)).isInstanceOf(QuernException.class)
                .hasMessageContaining("a has element type I32; only F32, F16 and BF16 are multiplied");
        assertThatThrownBy(() -> plain.placed(plain.a().window(0, 3, 100), plain.b(), plain.c()))
                .isInstanceOf(QuernException.class).hasMessageContaining("a has leading dimension 3, less than its rows of 4 elements");
        assertThatThrownBy(() -> plain.placed(plain.a(), plain.b().window(8, 5, 24), plain.c()))
                .isInstanceOf(QuernException.class).hasMessageContaining("b reaches element 25 of a buffer of 24 elements");
        assertThatThrownBy(() -> plain.placed(plain.a().window(-1, 4, 24), plain.b(), plain.c()))
                .isInstanceOf(QuernException.class).hasMessageContaining("neither may be negative");
        GemmProblem batch = plain.batched(3, false, false);
        assertThatThrownBy(() -> batch.placed(batch.a(), batch.b(), batch.c().strided(5, 18)))
                .isInstanceOf(QuernException.class).hasMessageContaining("the products' matrices c overlap (stride 5, leading dimension 3)");
        assertThatThrownBy(() -> batch.placed(batch.a(), batch.b(), batch.c().strided(0, 6)))
                .isInstanceOf(QuernException.class).hasMessageContaining("overlap");
        assertThatThrownBy(() -> batch.placed(batch.a().strided(9, 24), batch.b(), batch.c()))
                .isInstanceOf(QuernException.class).hasMessageContaining("a reaches element 25 of a buffer of 24 elements");
    }

    /** Packing what seldom changes is a launch of its own that need not run again. */
    @Test
    void constantOperandsArePackedOnce() {
        Device device = TestDevices.shared("opencl:0");
        GemmProblem plain = GemmProblem.of(40, 70, 300, false, false);
        GemmProblem problem = plain.placed(plain.a(), plain.b().asConstant(), plain.c());
        PackedCpuGemm variant = new PackedCpuGemm();
        KernelPlan plan = variant.plan(problem, device.info(), variant.parameters(problem, device.info()), Epilogue.none());
        assertThat(plan.isPrepared()).isTrue();
        assertThat(plan.only(true).launches()).extracting(KernelPlan.PlannedLaunch::role).containsExactly("pack b");
        assertThat(plan.only(false).launches()).extracting(KernelPlan.PlannedLaunch::role).containsExactly("pack a", "multiply");
        HostTensor a = random(Shape.of(40, 300), 1);
        HostTensor other = random(Shape.of(40, 300), 2);
        HostTensor b = random(Shape.of(300, 70), 3);
        List<Memory> memories = new ArrayList<>();
        try {
            List<Slice> operands = List.of(allocate(device, memories, a.memory().byteSize()),
                    allocate(device, memories, b.memory().byteSize()), allocate(device, memories, 40 * 70 * 4));
            List<Slice> workspaces = plan.workspaces().stream().map(bytes -> allocate(device, memories, bytes)).toList();
            KernelBinding binding = new KernelBinding(operands, List.of(), workspaces);
            write(device, a, operands.get(0));
            write(device, b, operands.get(1));
            device.queue().runOnce(binding.launches("prepare", plan.only(true), device), device);
            for (HostTensor each : List.of(a, other, a)) {
                write(device, each, operands.get(0));
                device.queue().runOnce(binding.launches("multiply", plan.only(false), device), device);
                HostTensor expected = HostTensor.zeros(DType.F32, Shape.of(40, 70));
                new GemmReference().compute(problem, List.of(each, b, expected));
                HostTensor actual = HostTensor.zeros(DType.F32, Shape.of(40, 70));
                try (Staging staging = device.staging(actual.memory().byteSize())) {
                    device.queue().read(operands.get(2), staging);
                    MemorySegment.copy(staging.memory(), 0, actual.memory(), 0, actual.memory().byteSize());
                }
                for (long i = 0; i < 40 * 70; i++) {
                    assertThat(actual.get(i)).isCloseTo(expected.get(i), within(1e-3));
                }
            }
        } finally {
            memories.forEach(Memory::close);
        }
    }

    private static HostTensor random(Shape shape, long seed) {
        HostTensor tensor = HostTensor.zeros(DType.F32, shape);
        KernelCheck.gaussian(tensor, new Random(seed));
        return tensor;
    }

    private static Slice allocate(Device device, List<Memory> memories, long bytes) {
        memories.add(device.allocate(bytes, "test"));
        return memories.getLast().slice();
    }

    private static void write(Device device, HostTensor tensor, Slice slice) {
        try (Staging staging = device.staging(tensor.memory().byteSize())) {
            MemorySegment.copy(tensor.memory(), 0, staging.memory(), 0, tensor.memory().byteSize());
            device.queue().write(staging, slice);
            staging.await();
        }
    }
}
