package dev.quern.kernels.pool;

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

/** Every rung of every pooling against its reference, over the attributes and odd sizes, with ties and NaN. */
class Pool2dVariantsTest {
    private static final List<Pool2dGeometry> DENSE = List.of(
            // Two by two: LeNet's planes, odd planes whose last row or column no window sees, rows of many vectors.
            Pool2dGeometry.square(Shape.of(3, 6, 28, 28), 2, 2, 0),
            Pool2dGeometry.square(Shape.of(3, 16, 10, 10), 2, 2, 0),
            Pool2dGeometry.square(Shape.of(2, 3, 9, 7), 2, 2, 0),
            Pool2dGeometry.square(Shape.of(1, 2, 6, 131), 2, 2, 0),
            Pool2dGeometry.square(Shape.of(1, 5, 2, 2), 2, 2, 0),
            Pool2dGeometry.square(Shape.of(1, 1, 64, 96), 2, 2, 0),
            // Overlapping windows, with padding; gaps between windows.
            Pool2dGeometry.square(Shape.of(2, 3, 11, 12), 3, 2, 1),
            Pool2dGeometry.square(Shape.of(2, 3, 8, 10), 3, 1, 1),
            Pool2dGeometry.square(Shape.of(1, 2, 17, 18), 2, 5, 0),
            // Windows, strides and padding that differ between axes and sides.
            Pool2dGeometry.of(Shape.of(2, 2, 13, 17), 3, 4, 2, 3, 1, 0, 1, 2, 1, 1, false),
            // Partial last windows.
            Pool2dGeometry.of(Shape.of(1, 2, 8, 8), 3, 3, 2, 2, 0, 0, 0, 0, 1, 1, true),
            Pool2dGeometry.of(Shape.of(1, 2, 7, 9), 2, 2, 2, 2, 0, 0, 0, 0, 1, 1, true),
            Pool2dGeometry.of(Shape.of(1, 2, 10, 11), 3, 3, 3, 2, 1, 1, 1, 1, 1, 1, true),
            // The whole plane; a single pixel.
            Pool2dGeometry.of(Shape.of(3, 5, 7, 6), 7, 6, 7, 6, 0, 0, 0, 0, 1, 1, false),
            Pool2dGeometry.square(Shape.of(1, 1, 1, 1), 1, 1, 0));

    /** Where padding makes a difference. */
    private static final List<Pool2dGeometry> PADDED = DENSE.subList(6, 13);
    /** As many as there are epilogues: each is a program of its own. */
    private static final List<Pool2dGeometry> EPILOGUES = DENSE.subList(0, 8);

    private static List<Pool2dGeometry> withDilation() {
        List<Pool2dGeometry> all = new ArrayList<>(DENSE);
        all.add(Pool2dGeometry.of(Shape.of(2, 2, 14, 15), 3, 2, 2, 1, 1, 1, 0, 0, 2, 3, false));
        all.add(Pool2dGeometry.of(Shape.of(1, 2, 9, 9), 2, 2, 2, 2, 0, 0, 0, 0, 2, 2, false));
        return all;
    }

    /** Few distinct values, so that most windows have ties; now and then a NaN or an infinity. */
    private static void tiesAndNaN(HostTensor tensor, Random random) {
        for (long i = 0; i < tensor.shape().elements(); i++) {
            int choice = random.nextInt(60);
            tensor.set(i, choice == 0 ? Double.NaN : choice == 1 ? Double.NEGATIVE_INFINITY
                    : choice == 2 ? Double.POSITIVE_INFINITY : random.nextInt(4) - 2);
        }
    }

    /** Indices as the forward pass makes them. */
    private static void indices(MaxPool2dBackwardProblem problem, Operand operand, HostTensor tensor, Random random) {
        if (operand.dtype() != DType.I32) {
            KernelCheck.gaussian(tensor, random);
            return;
        }
        HostTensor x = HostTensor.zeros(DType.F32, problem.geometry().inputShape());
        tiesAndNaN(x, random);
        HostTensor y = HostTensor.zeros(DType.F32, problem.geometry().outputShape());
        Pool2dReferences.maxForward(new MaxPool2dForwardProblem(problem.geometry(), true), List.of(x, y, tensor));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void maximumForwardMatchesItsReference(String device) {
        KernelCheck.of(new MaxPool2dForwardFamily())
                .problems(withDilation().stream().map(g -> new MaxPool2dForwardProblem(g, true)).toList())
                .run(TestDevices.shared(device));
        KernelCheck.of(new MaxPool2dForwardFamily()).partial()
                .problems(EPILOGUES.stream().map(g -> new MaxPool2dForwardProblem(g, false)).toList()).epilogues()
                .run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void maximumForwardTakesTheFirstOfEqualsAndEveryNaN(String device) {
        KernelCheck.of(new MaxPool2dForwardFamily())
                .problems(withDilation().stream().map(g -> new MaxPool2dForwardProblem(g, true)).toList())
                .inputs((problem, operand, tensor, random) -> tiesAndNaN(tensor, random)).run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void maximumBackwardMatchesItsReference(String device) {
        KernelCheck.of(new MaxPool2dBackwardFamily())
                .problems(withDilation().stream().map(MaxPool2dBackwardProblem::new).toList())
                .inputs(Pool2dVariantsTest::indices).run(TestDevices.shared(device));
        KernelCheck.of(new MaxPool2dBackwardFamily()).partial()
                .problems(EPILOGUES.stream().map(MaxPool2dBackwardProblem::new).toList())
                .inputs(Pool2dVariantsTest::indices).epilogues().run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void averageForwardMatchesItsReference(String device) {
        KernelCheck.of(new AvgPool2dForwardFamily())
                .problems(DENSE.stream().map(g -> new AvgPool2dForwardProblem(g, true)).toList())
                .problems(PADDED.stream().map(g -> new AvgPool2dForwardProblem(g, false)).toList())
                .run(TestDevices.shared(device));
        KernelCheck.of(new AvgPool2dForwardFamily()).partial()
                .problems(EPILOGUES.stream().map(g -> new AvgPool2dForwardProblem(g, false)).toList()).epilogues()
                .run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void averageBackwardMatchesItsReference(String device) {
        KernelCheck.of(new AvgPool2dBackwardFamily())
                .problems(DENSE.stream().map(g -> new AvgPool2dBackwardProblem(g, true)).toList())
                .problems(PADDED.stream().map(g -> new AvgPool2dBackwardProblem(g, false)).toList())
                .run(TestDevices.shared(device));
        KernelCheck.of(new AvgPool2dBackwardFamily()).partial()
                .problems(EPILOGUES.stream().map(g -> new AvgPool2dBackwardProblem(g, false)).toList()).epilogues()
                .run(TestDevices.shared(device));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void valuesLieInHalfTheSpace(String device) {
        Device on = TestDevices.shared(device);
        for (DType dtype : List.of(DType.F16, DType.BF16)) {
            Pool2dGeometry g = dtype == DType.F16 ? Pool2dGeometry.square(Shape.of(2, 3, 11, 12), 3, 2, 1)
                    : Pool2dGeometry.of(Shape.of(2, 2, 9, 35), 3, 2, 1, 2, 1, 0, 0, 1, 1, 1, true);
            KernelCheck.of(new MaxPool2dForwardFamily()).partial().problems(new MaxPool2dForwardProblem(g, true, dtype)).run(on);
            KernelCheck.of(new MaxPool2dBackwardFamily()).partial().problems(new MaxPool2dBackwardProblem(g, dtype))
                    .inputs(Pool2dVariantsTest::indices).run(on);
            KernelCheck.of(new AvgPool2dForwardFamily()).partial().problems(new AvgPool2dForwardProblem(g, false, dtype)).run(on);
            KernelCheck.of(new AvgPool2dBackwardFamily()).partial().problems(new AvgPool2dBackwardProblem(g, false, dtype)).run(on);
        }
    }

    /** Planes enough for several strands, whose outputs begin within lines: each way of dealing them out, past the caches and not. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void strandsAndStoresPastTheCachesChangeNothing(String device) {
        Device on = TestDevices.shared(device);
        Pool2dGeometry steps = Pool2dGeometry.of(Shape.of(3, 7, 13, 39), 3, 3, 2, 2, 1, 1, 1, 0, 1, 1, true);
        Pool2dGeometry dense = Pool2dGeometry.square(Shape.of(2, 17, 9, 21), 3, 1, 1);
        // Whole lines, which rows do not end with.
        Pool2dGeometry lines = Pool2dGeometry.square(Shape.of(2, 17, 8, 22), 3, 1, 1);
        // Whole rows in a vector.
        Pool2dGeometry narrow = Pool2dGeometry.square(Shape.of(2, 17, 9, 14), 5, 3, 0);
        KernelCheck.of(new MaxPool2dForwardFamily()).partial().tunables().problems(new MaxPool2dForwardProblem(steps, true))
                .inputs((problem, operand, tensor, random) -> tiesAndNaN(tensor, random)).run(on);
        KernelCheck.of(new MaxPool2dBackwardFamily()).partial().tunables()
                .problems(new MaxPool2dBackwardProblem(steps), new MaxPool2dBackwardProblem(lines))
                .inputs(Pool2dVariantsTest::indices).run(on);
        KernelCheck.of(new AvgPool2dForwardFamily()).partial().tunables().problems(new AvgPool2dForwardProblem(lines, true),
                new AvgPool2dForwardProblem(narrow, true)).run(on);
        KernelCheck.of(new AvgPool2dBackwardFamily()).partial().tunables().problems(new AvgPool2dBackwardProblem(dense, true),
                new AvgPool2dBackwardProblem(narrow, true)).run(on);
    }

    /** Windows that are often used, others, and the whole plane. The number of planes alone is an argument of programs. */
    private static Pool2dGeometry geometry(Choices all, boolean dilated) {
        int n = all.between(1, 3);
        int c = all.between(1, 40);
        Choices from = all.form();
        int h = from.extent(40);
        int w = from.extent(70);
        return switch (from.between(0, 4)) {
            case 0 -> Pool2dGeometry.square(Shape.of(n, c, h, w), 2, 2, 0);
            case 1 -> Pool2dGeometry.square(Shape.of(n, c, h, w), 3, from.between(1, 2), from.between(0, 1));
            case 2 -> Pool2dGeometry.square(Shape.of(n, c, Math.min(h, w), Math.min(h, w)), Math.min(h, w), 1, 0);
            default -> {
                int windowH = from.between(1, 5);
                int windowW = from.between(1, 5);
                yield Pool2dGeometry.of(Shape.of(n, c, h, w), windowH, windowW, from.between(1, 4), from.between(1, 4),
                        from.between(0, windowH / 2), from.between(0, windowH / 2), from.between(0, windowW / 2),
                        from.between(0, windowW / 2), dilated ? from.between(1, 3) : 1, dilated ? from.between(1, 3) : 1, from.yes());
            }
        };
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomMatchTheirReferences(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new MaxPool2dForwardFamily()).epilogues()
                .inputs((problem, operand, tensor, random) -> tiesAndNaN(tensor, random))
                .drawn(from -> new MaxPool2dForwardProblem(geometry(from, true), from.form().yes(), from.form().storage())).run(device);
        KernelCheck.of(new MaxPool2dBackwardFamily()).epilogues().inputs(Pool2dVariantsTest::indices)
                .drawn(from -> new MaxPool2dBackwardProblem(geometry(from, true), from.form().storage())).run(device);
        KernelCheck.of(new AvgPool2dForwardFamily()).epilogues()
                .drawn(from -> new AvgPool2dForwardProblem(geometry(from, false), from.form().yes(), from.form().storage())).run(device);
        KernelCheck.of(new AvgPool2dBackwardFamily()).epilogues()
                .drawn(from -> new AvgPool2dBackwardProblem(geometry(from, false), from.form().yes(), from.form().storage())).run(device);
    }

    @Test
    void otherStorageTypesAreRefused() {
        assertThatThrownBy(() -> new MaxPool2dForwardProblem(DENSE.getFirst(), true, DType.I32))
                .isInstanceOf(QuernException.class).hasMessageContaining("pooling takes F32, F16 or BF16, not I32");
    }

    /** Small: the simulator interprets each work-item. */
    private static final List<Pool2dGeometry> SIMULATED = List.of(Pool2dGeometry.square(Shape.of(1, 2, 5, 7), 2, 2, 0),
            Pool2dGeometry.square(Shape.of(1, 3, 4, 4), 2, 2, 0), Pool2dGeometry.square(Shape.of(1, 2, 5, 6), 3, 2, 1),
            Pool2dGeometry.square(Shape.of(1, 5, 4, 8), 3, 1, 1));

    @Test
    @Tag("oclgrind")
    void simulatedKernelsStayInBoundsAndDoNotRace() {
        Device device = Sanitizer.device();
        KernelCheck.of(new MaxPool2dForwardFamily())
                .problems(SIMULATED.stream().map(g -> new MaxPool2dForwardProblem(g, true)).toList()).run(device);
        KernelCheck.of(new MaxPool2dBackwardFamily())
                .problems(SIMULATED.stream().map(MaxPool2dBackwardProblem::new).toList())
                .inputs(Pool2dVariantsTest::indices).run(device);
        KernelCheck.of(new AvgPool2dForwardFamily())
                .problems(SIMULATED.stream().map(g -> new AvgPool2dForwardProblem(g, true)).toList()).run(device);
        KernelCheck.of(new AvgPool2dBackwardFamily())
                .problems(SIMULATED.stream().map(g -> new AvgPool2dBackwardProblem(g, true)).toList()).run(device);
    }
}
