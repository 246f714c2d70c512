package dev.quern.kernels.attention;

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
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of attention and its gradients against the reference. */
class AttentionTest {
    /** Errors of the probabilities' exponents grow with the scores. */
    private static final double GRADIENTS = 1e-4;

    private static List<AttentionGeometry> geometries() {
        return List.of(
                AttentionGeometry.of(1, 1, 1, 1, 1),
                AttentionGeometry.of(1, 2, 131, 150, 64).withCausalMask(),
                AttentionGeometry.of(1, 1, 67, 37, 5).withValueDim(19).withCausalMask().withKeyLengths().withMask(),
                AttentionGeometry.of(3, 2, 5, 70, 33).withValueDim(8).withKeyLengths().withScale(-0.5f),
                AttentionGeometry.of(2, 1, 70, 130, 72).withValueDim(80).withMask());
    }

    private static List<AttentionForwardProblem> forward(List<AttentionGeometry> geometries) {
        List<AttentionForwardProblem> problems = new ArrayList<>();
        for (int i = 0; i < geometries.size(); i++) {
            problems.add(new AttentionForwardProblem(geometries.get(i), i % 3 != 2));
        }
        return problems;
    }

    private static List<AttentionBackwardProblem> backward(List<AttentionGeometry> geometries) {
        return geometries.stream().map(AttentionBackwardProblem::new).toList();
    }

    /** Fills inputs as a forward pass leaves them: lengths in range, some of the mask minus infinity, o and lse fitting. */
    private static final class Inputs {
        private final List<HostTensor> filled = new ArrayList<>();
        private final double size;

        Inputs(double size) {
            this.size = size;
        }

        void forward(AttentionForwardProblem problem, Operand operand, HostTensor tensor, Random random) {
            fill(problem.geometry(), operand, tensor, random);
        }

        void backward(AttentionBackwardProblem problem, Operand operand, HostTensor tensor, Random random) {
            switch (operand.name()) {
                case "o" -> {
                    AttentionForwardProblem forward = new AttentionForwardProblem(problem.geometry(), true);
                    List<HostTensor> operands = new ArrayList<>(filled.subList(1, filled.size()));
                    operands.add(tensor);
                    operands.add(HostTensor.zeros(DType.F32, problem.geometry().rowShape()));
                    new AttentionForwardFamily().reference().compute(forward, operands);
                    filled.add(operands.getLast());
                }
                case "lse" -> tensor.memory().copyFrom(filled.getLast().memory());
                default -> {
                    if (operand.name().equals("do")) {
                        filled.clear();
                    }
                    fill(problem.geometry(), operand, tensor, random);
                    filled.add(tensor);
                }
            }
        }

        private void fill(AttentionGeometry geometry, Operand operand, HostTensor tensor, Random random) {
            KernelCheck.gaussian(tensor, random);
            long count = tensor.shape().elements();
            switch (operand.name()) {
                case "key_lengths" -> {
                    for (int i = 0; i < count; i++) {
                        tensor.set(i, i == 1 ? 0 : 1 + random.nextInt(geometry.keys()));
                    }
                }
                case "mask" -> {
                    for (long i = 0; i < count; i++) {
                        // One query in seven sees nothing at all.
                        boolean hidden = i / geometry.keys() % 7 == 3 || random.nextInt(5) == 0;
                        tensor.set(i, hidden ? Double.NEGATIVE_INFINITY : random.nextGaussian());
                    }
                }
                case "q" -> {
                    for (long i = 0; i < count; i++) {
                        tensor.set(i, size * tensor.get(i));
                    }
                }
                default -> {
                }
            }
        }
    }

    private static void check(List<AttentionGeometry> geometries, Device device) {
        KernelCheck.of(new AttentionForwardFamily()).problems(forward(geometries)).inputs(new Inputs(1)::forward)
                .partial().run(device);
        KernelCheck.of(new AttentionBackwardFamily()).problems(backward(geometries)).inputs(new Inputs(1)::backward)
                .tolerance(problem -> GRADIENTS).partial().run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String id) {
        check(geometries(), TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void scoresOfAThousandAreSafe(String id) {
        // Gradients are left out: with all of the probability on one key they are differences of equal numbers.
        KernelCheck.of(new AttentionForwardFamily()).inputs(new Inputs(250)::forward)
                .problems(new AttentionForwardProblem(AttentionGeometry.of(1, 1, 33, 70, 16).withScale(1), true))
                .tolerance(problem -> 1e-4).partial().run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void halfPrecisionIsStorageOnly(String id) {
        AttentionGeometry small = AttentionGeometry.of(2, 1, 9, 17, 12).withValueDim(7).withKeyLengths();
        check(List.of(small.storedAs(DType.F16), small.storedAs(DType.BF16)), TestDevices.shared(id));
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aLengthThatIsNoneMakesItsSequenceNaN(String id) {
        AttentionGeometry geometry = AttentionGeometry.of(2, 1, 9, 17, 12).withCausalMask().withKeyLengths();
        Inputs inputs = new Inputs(1);
        KernelCheck.of(new AttentionForwardFamily()).problems(new AttentionForwardProblem(geometry, true))
                .inputs((problem, operand, tensor, random) -> {
                    inputs.forward(problem, operand, tensor, random);
                    if (operand.dtype() == DType.I32) {
                        tensor.set(1, 18);
                    }
                }).partial().run(TestDevices.shared(id));
        KernelCheck.of(new AttentionBackwardFamily()).problems(new AttentionBackwardProblem(geometry))
                .inputs((problem, operand, tensor, random) -> {
                    inputs.backward(problem, operand, tensor, random);
                    if (operand.dtype() == DType.I32) {
                        tensor.set(1, -1);
                    }
                }).tolerance(problem -> GRADIENTS).partial().run(TestDevices.shared(id));
    }

    @Test
    void everyValueOfEveryTunableAgreesWithTheReference() {
        Device device = TestDevices.shared("opencl:0");
        AttentionGeometry geometry = AttentionGeometry.of(1, 1, 37, 110, 20).withCausalMask();
        KernelCheck.of(new AttentionForwardFamily()).tunables().problems(new AttentionForwardProblem(geometry, true))
                .inputs(new Inputs(1)::forward).partial().run(device);
        KernelCheck.of(new AttentionBackwardFamily()).tunables().problems(new AttentionBackwardProblem(geometry))
                .inputs(new Inputs(1)::backward).tolerance(problem -> GRADIENTS).partial().run(device);
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void problemsDrawnAtRandomAgreeWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        KernelCheck.of(new AttentionForwardFamily()).inputs(new Inputs(1)::forward)
                .drawn(from -> new AttentionForwardProblem(geometry(from), from.form().yes())).run(device);
        KernelCheck.of(new AttentionBackwardFamily()).inputs(new Inputs(1)::backward).tolerance(problem -> GRADIENTS)
                .drawn(from -> new AttentionBackwardProblem(geometry(from))).run(device);
    }

    /** The lengths of rows, the masks and the types make a program, the other sizes are arguments. With one key there is no gradient. */
    private static AttentionGeometry geometry(Choices from) {
        Choices form = from.form();
        int head = form.extent(40);
        AttentionGeometry geometry = AttentionGeometry.of(from.between(1, 3), from.between(1, 3), from.extent(90),
                1 + from.extent(150), head).storedAs(form.storage());
        geometry = form.yes() ? geometry.withValueDim(form.extent(40)) : geometry;
        geometry = form.yes() ? geometry.withCausalMask() : geometry;
        geometry = form.yes() ? geometry.withKeyLengths() : geometry;
        return form.yes() ? geometry.withMask() : geometry;
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        check(List.of(AttentionGeometry.of(2, 1, 3, 5, 3).withCausalMask().withKeyLengths().withMask(),
                AttentionGeometry.of(1, 2, 17, 9, 20)), Sanitizer.device());
    }

    @Test
    void impossibleProblemsAreRefusedWithTheirShapes() {
        assertThatThrownBy(() -> AttentionGeometry.of(1, 2, 3, 0, 4)).isInstanceOf(QuernException.class).hasMessage(
                "attention of q [1, 2, 3, 4], k [1, 2, 0, 4] and v [1, 2, 0, 4]: every extent must be at least 1");
        assertThatThrownBy(() -> AttentionGeometry.of(1, 1, 1, 1, 1).withScale(Float.NaN)).isInstanceOf(QuernException.class)
                .hasMessageContaining("scale NaN must be finite");
        assertThatThrownBy(() -> AttentionGeometry.of(1, 1, 1, 1, 1).storedAs(DType.I32)).isInstanceOf(QuernException.class)
                .hasMessageContaining("storage type I32 must be F32, F16 or BF16");
        assertThatThrownBy(() -> AttentionGeometry.of(1, 1, 1 << 20, 1 << 20, 1).withMask()).isInstanceOf(QuernException.class)
                .hasMessageContaining("more than 2^31 - 1 elements");
    }

    @Test
    void onlyPairsThatTheCausalMaskLeavesAreCounted() {
        assertThat(AttentionGeometry.of(1, 1, 4, 4, 8).withCausalMask().pairs()).isEqualTo(10);
        assertThat(AttentionGeometry.of(1, 1, 5, 3, 8).withCausalMask().pairs()).isEqualTo(12);
        assertThat(AttentionGeometry.of(2, 3, 5, 3, 8).pairs()).isEqualTo(90);
        assertThat(new AttentionForwardProblem(AttentionGeometry.of(2, 3, 10, 12, 16), true).key())
                .isEqualTo("attention-forward f32 2x3x10x12 dim=16,16 scale=0.25 lse");
    }
}
