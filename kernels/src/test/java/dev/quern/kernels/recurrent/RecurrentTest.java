package dev.quern.kernels.recurrent;

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
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every variant of recurrent layers and their gradients against the reference. */
class RecurrentTest {
    /** Every flag on and off, layers and the recurrence alone; sizes that leave remainders of vectors and tiles. */
    private static final List<RecurrentGeometry> GEOMETRIES = List.of(
            RecurrentGeometry.of(RecurrentCell.LSTM, 3, 14, 37),
            RecurrentGeometry.of(RecurrentCell.GRU, 4, 5, 19).with(true, false, false, true),
            RecurrentGeometry.of(RecurrentCell.RNN, 5, 5, 48).with(true, true, true, true));

    private static List<RecurrentForwardProblem> forward(List<RecurrentGeometry> geometries) {
        List<RecurrentForwardProblem> problems = new ArrayList<>();
        for (RecurrentGeometry geometry : geometries) {
            problems.add(new RecurrentForwardProblem(geometry, true, geometry.hidden() / 2 + 1));
        }
        problems.add(new RecurrentForwardProblem(geometries.getFirst().with(false, true, true, true), false));
        return problems;
    }

    private static List<RecurrentBackwardProblem> backward(List<RecurrentGeometry> geometries) {
        List<RecurrentBackwardProblem> problems = new ArrayList<>();
        for (RecurrentGeometry geometry : geometries) {
            problems.add(new RecurrentBackwardProblem(geometry, geometry.bias(), geometry.hidden() + 3, !geometry.lengths()));
        }
        problems.add(new RecurrentBackwardProblem(geometries.getFirst(), true));
        // The last step's hidden state alone has a gradient.
        problems.add(new RecurrentBackwardProblem(geometries.getFirst(), new IncomingGradients(false, true, false), 7, true, DType.F32));
        return problems;
    }

    /** Lengths from 0 to T and one more; gates between 0 and 1; weights that neither fade nor explode. */
    private static void sensible(RecurrentProblem problem, Operand operand, HostTensor tensor, Random random) {
        RecurrentGeometry g = problem.geometry();
        for (long i = 0; i < tensor.shape().elements(); i++) {
            tensor.set(i, switch (operand.name()) {
                case "lengths" -> random.nextInt(g.steps() + 2);
                case "gates" -> random.nextDouble();
                case "weight_ih", "weight_hh" -> random.nextGaussian() / Math.sqrt(g.hidden());
                default -> random.nextGaussian();
            });
        }
    }

    private static KernelCheck<RecurrentForwardProblem> checkForward() {
        return KernelCheck.of(new RecurrentForwardFamily()).inputs(RecurrentTest::sensible);
    }

    private static KernelCheck<RecurrentBackwardProblem> checkBackward() {
        return KernelCheck.of(new RecurrentBackwardFamily()).inputs(RecurrentTest::sensible);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantAgreesWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        checkForward().problems(forward(GEOMETRIES)).run(device);
        checkBackward().problems(backward(GEOMETRIES)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyVariantTakesEveryStorageType(String id) {
        Device device = TestDevices.shared(id);
        RecurrentGeometry lstm = GEOMETRIES.getFirst();
        RecurrentGeometry gru = GEOMETRIES.get(1);
        checkForward().problems(new RecurrentForwardProblem(lstm, true, 19, DType.BF16), new RecurrentForwardProblem(gru, true, 10, DType.F16))
                .run(device);
        checkBackward().problems(new RecurrentBackwardProblem(lstm, true, 40, true, DType.BF16),
                new RecurrentBackwardProblem(gru, false, 22, false, DType.F16)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void everyValueOfEveryTunableAgreesWithTheReference(String id) {
        Device device = TestDevices.shared(id);
        RecurrentGeometry geometry = RecurrentGeometry.of(RecurrentCell.RNN, 2, 9, 21);
        checkForward().tunables().problems(new RecurrentForwardProblem(geometry, true)).run(device);
        checkBackward().tunables().problems(new RecurrentBackwardProblem(geometry, true)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void longSequencesStayAccurate(String id) {
        Device device = TestDevices.shared(id);
        RecurrentGeometry geometry = RecurrentGeometry.of(RecurrentCell.LSTM, 120, 4, 16);
        checkForward().problems(new RecurrentForwardProblem(geometry, true)).run(device);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void saturatedGatesAreExactAndNaNStays(String id) {
        checkForward().problems(new RecurrentForwardProblem(GEOMETRIES.getFirst(), true)).inputs((problem, operand, tensor, random) -> {
            sensible(problem, operand, tensor, random);
            if (operand.name().equals("pre")) {
                for (long i = 0; i < tensor.shape().elements(); i += 3) {
                    tensor.set(i, random.nextBoolean() ? 1e4 : Double.NEGATIVE_INFINITY);
                }
                tensor.set(tensor.shape().elements() - 1, Double.NaN);
            }
        }).run(TestDevices.shared(id));
    }

    @Test
    @Tag("oclgrind")
    void noVariantRacesOrLeavesItsBuffers() {
        Device device = Sanitizer.device();
        List<RecurrentGeometry> small = List.of(RecurrentGeometry.of(RecurrentCell.LSTM, 2, 3, 5),
                RecurrentGeometry.of(RecurrentCell.GRU, 2, 2, 17).with(true, true, true, true),
                RecurrentGeometry.of(RecurrentCell.RNN, 3, 2, 4).with(false, false, false, true));
        checkForward().problems(forward(small)).run(device);
        checkBackward().problems(backward(small)).run(device);
    }

    /** A geometry and features, all of which programs are compiled for: cases of a form differ in their numbers. */
    private static RecurrentGeometry drawn(Choices from) {
        RecurrentCell cell = from.form().oneOf(RecurrentCell.values());
        return RecurrentGeometry.of(cell, from.form().between(1, 5), from.form().extent(33), from.form().extent(70))
                .with(from.form().yes(), from.form().yes(), from.form().yes(), from.form().yes());
    }

    private static DType storage(Choices from) {
        return from.form().oneOf(DType.F32, DType.F32, DType.F16, DType.BF16);
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void layersDrawnAtRandomAgreeWithTheReference(String id) {
        checkForward().drawn(from -> new RecurrentForwardProblem(drawn(from), from.form().yes(),
                from.form().yes() ? from.form().extent(50) : 0, storage(from))).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @Tag("fuzz")
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void gradientsOfLayersDrawnAtRandomAgreeWithTheReference(String id) {
        checkBackward().drawn(from -> {
            int features = from.form().yes() ? from.form().extent(50) : 0;
            RecurrentGeometry geometry = drawn(from);
            boolean state = from.form().yes();
            boolean cell = geometry.lstm() && from.form().yes();
            return new RecurrentBackwardProblem(geometry, new IncomingGradients(from.form().yes() || !state && !cell, state, cell), features,
                    features > 0 && from.form().yes(), storage(from));
        }).run(TestDevices.shared(id));
    }

    @ParameterizedTest
    @EnumSource(RecurrentCell.class)
    void operandsAreInTheOrderThatKernelsTake(RecurrentCell cell) {
        RecurrentForwardProblem problem = new RecurrentForwardProblem(RecurrentGeometry.of(cell, 2, 3, 4), true);
        assertThat(problem.operands().stream().map(Operand::name)).startsWith("pre", "weight_hh", "bias_ih", "bias_hh", "h0");
        assertThat(problem.operands().get(problem.position("gates")).shape().extent(2)).isEqualTo(4 * cell.saved());
        assertThat(problem.key()).isEqualTo("recurrent-forward f32 " + cell.label() + " 2x3x4 bias initial training");
    }

    @Test
    void aSliceOfTheBatchGoesThroughAllStepsInOneLaunch() {
        Device device = TestDevices.shared("opencl:0");
        PanelsCpu<RecurrentForwardProblem> variant = new PanelsCpu<>(PanelsCpu.Share.ROWS);
        RecurrentForwardProblem problem = new RecurrentForwardProblem(RecurrentGeometry.of(RecurrentCell.LSTM, 99, 8, 16), true);
        assertThat(variant.plan(problem, device.info(), variant.parameters(problem, device.info()),
                dev.quern.kernels.expr.Epilogue.none()).launches()).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void manyFeaturesAreMultipliedForAllStepsAtOnce(String id) {
        Device device = TestDevices.shared(id);
        RecurrentGeometry geometry = RecurrentGeometry.of(RecurrentCell.GRU, 2, 7, 130).with(false, true, false, false);
        checkForward().only("host_rows", "batch_slice_cpu").problems(new RecurrentForwardProblem(geometry, true, 600)).run(device);
        checkBackward().only("host_rows", "batch_slice_cpu").problems(new RecurrentBackwardProblem(geometry, false, 600, true)).run(device);
    }

    @Test
    void impossibleProblemsAreRefusedWithTheirSizes() {
        assertThatThrownBy(() -> RecurrentGeometry.of(RecurrentCell.GRU, 0, 3, 4)).isInstanceOf(QuernException.class)
                .hasMessage("gru of 0 steps, batch 3, hidden size 4: every extent must be at least 1");
        assertThatThrownBy(() -> RecurrentGeometry.of(RecurrentCell.LSTM, 1 << 20, 64, 64)).isInstanceOf(QuernException.class)
                .hasMessage("lstm of 1048576 steps, batch 64, hidden size 64: more than 2^31 - 1 elements; split the batch or "
                        + "the sequence");
        RecurrentGeometry geometry = RecurrentGeometry.of(RecurrentCell.RNN, 2, 3, 4).with(false, false, false, false);
        assertThatThrownBy(() -> new RecurrentForwardProblem(geometry, true, -1)).isInstanceOf(QuernException.class)
                .hasMessage("f32 rnn 2x3x4 of -1 features: must be at least 1, or 0 for the recurrence alone");
        assertThatThrownBy(() -> new RecurrentForwardProblem(geometry, true, 3, DType.I32)).isInstanceOf(QuernException.class)
                .hasMessage("f32 rnn 2x3x4 stored in I32: must be F32, F16 or BF16; convert first");
        assertThatThrownBy(() -> new RecurrentBackwardProblem(geometry, false, 0, true)).isInstanceOf(QuernException.class)
                .hasMessage("f32 rnn 2x3x4: without features there is no input to have a gradient");
    }
}
