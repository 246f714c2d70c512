package dev.quern.kernels.softmax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.Operand;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
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

/** Every variant of softmax, its gradient and cross-entropy against the reference. */
class SoftmaxTest {
    private static final int[][] SHAPES = {{1, 1, 1}, {3, 37, 1}, {2, 320, 1}, {40, 1003, 1}, {5, 3100, 1}, {3, 9219, 1},
            {2, 27, 35}, {1, 9, 160}, {3, 11, 208}, {2, 150, 48}};

    private static List<SoftmaxProblem> forward() {
        List<SoftmaxProblem> problems = new ArrayList<>();
        for (int[] shape : SHAPES) {
            problems.add(new SoftmaxProblem(shape[0], shape[1], shape[2], false));
            problems.add(new SoftmaxProblem(shape[0], shape[1], shape[2], true));
        }
        return problems;
    }

    private static List<SoftmaxBackwardProblem> backward() {
        return forward().stream()
                .map(problem -> new SoftmaxBackwardProblem(problem.outer(), problem.axis(), problem.inner(), problem.log()))
                .toList();
    }

    private static List<CrossEntropyProblem> crossEntropy() {
        return List.of(new CrossEntropyProblem(64, 10, 0, true), new CrossEntropyProblem(1, 1, 0, true),
                new CrossEntropyProblem(7, 33, 0.1f, true), new CrossEntropyProblem(5, 16, 0, false),
                new CrossEntropyProblem(40, 1003, 0.1f, true), new CrossEntropyProblem(7, 3100, 0.1f, true),
                new CrossEntropyProblem(3, 9219, 0.1f, true), new CrossEntropyProblem(300, 3, 1, false));
    }

    /** Logits up to 10,000 in size, with one row of NaN and one with infinities; labels are classes. */
    private static void hardLogits(CrossEntropyProblem problem, Operand operand, HostTensor tensor, Random random) {
        if (operand.dtype() == DType.I32) {
            for (int row = 0; row < problem.rows(); row++) {
                tensor.set(row, random.nextInt(problem.classes()));
            }
            return;
        }
        KernelCheck.gaussian(tensor, random);
        for (long i = 0; i < tensor.shape().elements(); i += 3) {
            tensor.set(i, (random.nextBoolean() ? 1e4 : -1e4) + random.nextGaussian());
        }
    }

    private static void hardInput(SoftmaxProblem problem, Operand operand, HostTensor tensor, Random random) {
        KernelCheck.gaussian(tensor, random);
        long elements = tensor.shape().elements();
        for (long i = 1; i < elements; i += 7) {
            tensor.set(i, (random.nextBoolean() ? 1e4 : -1e4) + random.nextGaussian());
        }
        if (problem.outer() > 2) {
            tensor.set(elements - 1, Double.NaN);
            tensor.set(0, Double.NEGATIVE_INFINITY);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new SoftmaxFamily()).problems(forward()).run(device);
        KernelCheck.of(new SoftmaxBackwardFamily()).problems(backward()).run(device);
        KernelCheck.of(new CrossEntropyFamily()).problems(crossEntropy()).inputs(SoftmaxTest::labelled).run(device);
    }

    private static void labelled(CrossEntropyProblem problem, Operand operand, HostTensor tensor, Random random) {
        KernelCheck.gaussian(tensor, random);
        if (operand.dtype() == DType.I32) {
            hardLogits(problem, operand, tensor, random);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void logitsOfTenThousandAreSafe(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new SoftmaxFamily()).problems(forward()).inputs(SoftmaxTest::hardInput).run(device);
        KernelCheck.of(new CrossEntropyFamily()).problems(crossEntropy()).inputs(SoftmaxTest::hardLogits).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aLabelThatIsNoClassGivesNaN(String id) {
        KernelCheck.of(new CrossEntropyFamily()).problems(crossEntropy()).inputs((problem, operand, tensor, random) -> {
            labelled(problem, operand, tensor, random);
            if (operand.dtype() == DType.I32) {
                tensor.set(problem.rows() - 1, problem.rows() % 2 == 0 ? problem.classes() : Integer.MIN_VALUE);
            }
        }).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void anIgnoredRowHasNoShareInTheMean(String id) {
        for (int every : new int[] {3, 1}) {
            KernelCheck.of(new CrossEntropyFamily()).problems(new CrossEntropyProblem(7, 33, 0.1f, true), new CrossEntropyProblem(7, 301, 0.1f, true))
                    .inputs((problem, operand, tensor, random) -> {
                        labelled(problem, operand, tensor, random);
                        for (int row = 0; operand.dtype() == DType.I32 && row < problem.rows(); row += every) {
                            tensor.set(row, CrossEntropyProblem.IGNORED);
                        }
                    }).run(TestDevices.shared(id));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void halfPrecisionIsStorageOnly(String id) {
        Device device = TestDevices.shared(id);
        for (DType type : List.of(DType.F16, DType.BF16)) {
            KernelCheck.of(new SoftmaxFamily()).problems(new SoftmaxProblem(3, 37, 1, false).storedAs(type),
                    new SoftmaxProblem(3, 300, 1, false).storedAs(type),
                    new SoftmaxProblem(2, 5, 21, true).storedAs(type), new SoftmaxProblem(2, 5, 48, true).storedAs(type)).run(device);
            KernelCheck.of(new SoftmaxBackwardFamily()).problems(new SoftmaxBackwardProblem(3, 37, 1, true).storedAs(type),
                    new SoftmaxBackwardProblem(2, 5, 21, false).storedAs(type), new SoftmaxBackwardProblem(2, 5, 48, true).storedAs(type),
                    new SoftmaxBackwardProblem(3, 300, 1, false).storedAs(type)).run(device);
            KernelCheck.of(new CrossEntropyFamily()).inputs(SoftmaxTest::labelled)
                    .problems(new CrossEntropyProblem(5, 37, 0.1f, true).storedAs(type),
                            new CrossEntropyProblem(3, 300, 0, true).storedAs(type)).run(device);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyValueOfEveryTunableAgreesWithTheReference(String id) {
        runTunables(TestDevices.shared(id));
    }

    private static void runTunables(Device device) {
        KernelCheck.of(new SoftmaxFamily()).tunables().problems(new SoftmaxProblem(2, 19, 1, false),
                new SoftmaxProblem(15, 300, 1, true), new SoftmaxProblem(1, 9, 48, true), new SoftmaxProblem(3, 19, 1, true)).run(device);
        KernelCheck.of(new SoftmaxBackwardFamily()).tunables().problems(new SoftmaxBackwardProblem(1, 3, 19, true),
                new SoftmaxBackwardProblem(2, 19, 1, false), new SoftmaxBackwardProblem(1, 9, 48, true),
                new SoftmaxBackwardProblem(3, 300, 1, false)).run(device);
        KernelCheck.of(new CrossEntropyFamily()).tunables().inputs(SoftmaxTest::labelled)
                .problems(new CrossEntropyProblem(3, 19, 0.1f, true), new CrossEntropyProblem(5, 300, 0.1f, true)).run(device);
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        Device device = Sanitizer.device();
        runTunables(device);
        KernelCheck.of(new SoftmaxFamily()).problems(new SoftmaxProblem(2, 3, 17, true), new SoftmaxProblem(1, 21, 1, false),
                new SoftmaxProblem(2, 277, 1, false),
                new SoftmaxProblem(2, 5, 144, false)).run(device);
        KernelCheck.of(new SoftmaxBackwardFamily()).problems(new SoftmaxBackwardProblem(3, 18, 1, false), new SoftmaxBackwardProblem(2, 5, 144, false),
                new SoftmaxBackwardProblem(2, 277, 1, true)).run(device);
        KernelCheck.of(new CrossEntropyFamily()).problems(new CrossEntropyProblem(9, 5, 0, false), new CrossEntropyProblem(3, 37, 0.1f, true),
                new CrossEntropyProblem(2, 277, 0.1f, true)).inputs(SoftmaxTest::labelled).run(device);
        KernelCheck.of(new CrossEntropyFamily()).problems(new CrossEntropyProblem(2, 5, 0, true), new CrossEntropyProblem(2, 277, 0, true))
                .inputs((problem, operand, tensor, random) -> tensor.set(0, -5)).run(device);
    }

    /** Rows of any length along an axis anywhere, all of which programs are compiled for. */
    private static SoftmaxProblem drawn(Choices from) {
        Choices form = from.form();
        int inner = form.yes() ? form.oneOf(1, 16) * form.extent(20) : 1;
        // Long rows go through in chunks.
        int axis = inner == 1 && form.oneIn(4) ? form.between(1400, 6000) : form.extent(inner == 1 ? 1100 : 90);
        return new SoftmaxProblem(form.extent(9), axis, inner, form.yes()).storedAs(form.storage());
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomAgreeWithTheReference(String id) {
        KernelCheck.of(new SoftmaxFamily()).drawn(SoftmaxTest::drawn).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void gradientsDrawnAtRandomAgreeWithTheReference(String id) {
        KernelCheck.of(new SoftmaxBackwardFamily()).drawn(from -> {
            SoftmaxProblem problem = drawn(from);
            return new SoftmaxBackwardProblem(problem.outer(), problem.axis(), problem.inner(), problem.log()).storedAs(problem.dtype());
        }).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void crossEntropyDrawnAtRandomAgreesWithTheReference(String id) {
        KernelCheck.of(new CrossEntropyFamily()).inputs(SoftmaxTest::labelled).drawn(from -> {
            Choices form = from.form();
            boolean many = form.oneIn(4);
            return new CrossEntropyProblem(form.extent(many ? 9 : 99), many ? form.between(1400, 6000) : form.extent(300),
                    form.yes() ? form.between(1, 10) / 10f : 0, form.yes()).storedAs(form.storage());
        }).run(TestDevices.shared(id));
    }

    @Test
    void aSmallBatchIsOneLaunchOnACpu() {
        Device device = TestDevices.shared("opencl:0");
        CrossEntropyVectorsCpu variant = new CrossEntropyVectorsCpu();
        CrossEntropyProblem problem = new CrossEntropyProblem(64, 10, 0, true);
        assertThat(variant.plan(problem, device.info(), variant.parameters(problem, device.info()),
                dev.quern.kernels.expr.Epilogue.none()).launches()).hasSize(1);
    }

    @Test
    void anAxisOfATensorIsSeenAsRows() {
        assertThat(SoftmaxProblem.of(Shape.of(2, 3, 4, 5), -3, true)).isEqualTo(new SoftmaxProblem(2, 3, 20, true));
        assertThat(SoftmaxBackwardProblem.of(Shape.of(6), 0, false)).isEqualTo(new SoftmaxBackwardProblem(1, 6, 1, false));
        assertThat(new SoftmaxProblem(64, 10, 1, true).key()).isEqualTo("softmax f32 64x10x1 log");
    }

    @Test
    void impossibleProblemsAreRefusedWithTheirShapes() {
        assertThatThrownBy(() -> SoftmaxProblem.of(Shape.of(2, 3), 2, false)).isInstanceOf(QuernException.class)
                .hasMessage("softmax along axis 2 of [2, 3]: the axis must be in [-2, 1]");
        assertThatThrownBy(() -> new SoftmaxProblem(2, 0, 1, false)).isInstanceOf(QuernException.class)
                .hasMessage("softmax of [2, 0, 1]: every extent must be at least 1");
        assertThatThrownBy(() -> new CrossEntropyProblem(4, 3, Float.NaN, false)).isInstanceOf(QuernException.class)
                .hasMessage("softmax-cross-entropy of logits [4, 3]: label smoothing NaN must be in [0, 1]");
        assertThatThrownBy(() -> new SoftmaxProblem(2, 3, 1, false).storedAs(DType.I32)).isInstanceOf(QuernException.class)
                .hasMessage("softmax of [2, 3, 1]: storage type I32 must be F32, F16 or BF16");
    }
}
