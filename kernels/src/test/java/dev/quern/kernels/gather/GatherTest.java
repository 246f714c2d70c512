package dev.quern.kernels.gather;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.Operand;
import dev.quern.kernels.testing.KernelCheck;
import dev.quern.kernels.testing.Sanitizer;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.testing.TestDevices;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of gathering and scattering against the reference. */
class GatherTest {
    private static void fill(int length, Operand operand, HostTensor tensor, Random random, boolean wrong) {
        KernelCheck.gaussian(tensor, random);
        if (operand.name().equals("index")) {
            for (long i = 0; i < tensor.shape().elements(); i++) {
                tensor.set(i, random.nextInt(length));
            }
            if (wrong) {
                tensor.set(tensor.shape().elements() / 2, length);
                tensor.set(0, -1);
                tensor.set(tensor.shape().elements() - 1, Integer.MIN_VALUE);
            }
        }
    }

    private static void gather(Device device, boolean wrong, GatherProblem... problems) {
        KernelCheck.of(new GatherFamily()).tolerance(problem -> 0).partial().problems(problems)
                .inputs((problem, operand, tensor, random) -> fill(problem.length(), operand, tensor, random, wrong)).run(device);
    }

    private static void gatherAndFinish(Device device, GatherProblem... problems) {
        KernelCheck.of(new GatherFamily()).partial().epilogues().problems(problems)
                .inputs((problem, operand, tensor, random) -> fill(problem.length(), operand, tensor, random, false)).run(device);
    }

    private static void scatter(Device device, boolean wrong, ScatterAddProblem... problems) {
        KernelCheck.of(new ScatterAddFamily()).partial().problems(problems)
                .inputs((problem, operand, tensor, random) -> fill(problem.length(), operand, tensor, random, wrong)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantGathersEveryBit(String id) {
        Device device = TestDevices.shared(id);
        gather(device, false, new GatherProblem(DType.F32, 1, 13, 35, 8, false), new GatherProblem(DType.I32, 3, 7, 20, 130, false),
                new GatherProblem(DType.BF16, 2, 5, 9, 17, false), new GatherProblem(DType.F32, 3, 9, 6, 5, true),
                new GatherProblem(DType.F32, 3, 11, 45, 48, false), new GatherProblem(DType.I32, 1, 40, 8, 160, false));
        gather(device, true, new GatherProblem(DType.F32, 1, 13, 70, 64, false), new GatherProblem(DType.F32, 2, 13, 35, 70, false), new GatherProblem(DType.I32, 1, 9, 6, 5, true),
                new GatherProblem(DType.F16, 1, 9, 6, 5, false));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantFinishesWhatItGathers(String id) {
        GatherProblem rows = new GatherProblem(DType.F32, 2, 13, 35, 18, false);
        GatherProblem elements = new GatherProblem(DType.F32, 2, 9, 6, 5, true);
        // One of the sample epilogues each.
        gatherAndFinish(TestDevices.shared(id), rows, rows, rows, rows, elements, rows, rows, rows, elements, elements);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAddsEveryTerm(String id) {
        Device device = TestDevices.shared(id);
        scatter(device, false, new ScatterAddProblem(1, 13, 35, 8, false, -1), new ScatterAddProblem(2, 40, 300, 130, false, 3),
                new ScatterAddProblem(1, 100, 60, 1, false, -1), new ScatterAddProblem(3, 9, 16, 5, true, 2),
                new ScatterAddProblem(2, 61, 50, 48, false, -1), new ScatterAddProblem(1, 200, 90, 33, false, 7));
        scatter(device, true, new ScatterAddProblem(2, 13, 35, 70, false, 3), new ScatterAddProblem(2, 4, 6, 5, true, -1));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void gathersDrawnAtRandomMoveEveryBit(String id) {
        KernelCheck.of(new GatherFamily()).tolerance(problem -> 0)
                .inputs((problem, operand, tensor, random) -> fill(problem.length(), operand, tensor, random, random.nextInt(4) == 0))
                .drawn(from -> new GatherProblem(from.oneOf(DType.F32, DType.I32, DType.F16, DType.BF16), from.between(1, 3),
                        from.extent(40), from.extent(60), from.extent(from.yes() ? 200 : 5), from.oneIn(3)))
                .run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void sumsDrawnAtRandomAgreeWithTheReference(String id) {
        KernelCheck.of(new ScatterAddFamily())
                .inputs((problem, operand, tensor, random) -> fill(problem.length(), operand, tensor, random, random.nextInt(8) == 0))
                .drawn(from -> {
                    int length = from.extent(40);
                    return new ScatterAddProblem(from.between(1, 3), length, from.extent(from.yes() ? 900 : 60),
                            from.extent(from.yes() ? 200 : 5), from.oneIn(3), from.between(-1, length - 1));
                }).run(TestDevices.shared(id));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        Device device = Sanitizer.device();
        gather(device, true, new GatherProblem(DType.F32, 2, 5, 7, 18, false), new GatherProblem(DType.F32, 2, 5, 7, 3, true));
        gather(device, false, new GatherProblem(DType.F32, 1, 5, 19, 48, false));
        gatherAndFinish(device, new GatherProblem(DType.F32, 2, 5, 7, 18, false), new GatherProblem(DType.F32, 2, 5, 7, 18, false),
                new GatherProblem(DType.F32, 2, 5, 7, 3, true));
        scatter(device, true, new ScatterAddProblem(2, 5, 7, 18, false, -1), new ScatterAddProblem(2, 5, 7, 3, true, -1));
        scatter(device, false, new ScatterAddProblem(2, 5, 7, 18, false, 2), new ScatterAddProblem(1, 5, 7, 3, true, -1),
                new ScatterAddProblem(2, 70, 40, 48, false, 3));
    }

    @Test
    void impossibleGathersAreRefused() {
        assertThatThrownBy(() -> new GatherProblem(DType.F32, 1, 0, 3, 2, false)).isInstanceOf(QuernException.class)
                .hasMessageContaining("gather of [1, 0, 2] with 3 indices");
        assertThatThrownBy(() -> new GatherProblem(DType.U8, 1, 2, 3, 2, false)).isInstanceOf(QuernException.class)
                .hasMessageContaining("cast it first");
        assertThatThrownBy(() -> new ScatterAddProblem(1 << 20, 1 << 10, 4, 4, false, -1)).isInstanceOf(QuernException.class)
                .hasMessageContaining("2^31 - 1");
    }
}
