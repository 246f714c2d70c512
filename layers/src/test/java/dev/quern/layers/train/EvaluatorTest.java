package dev.quern.layers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.plan.State;
import dev.quern.layers.data.Dataset;
import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models on as many samples as they are given. */
class EvaluatorTest {
    private static final int IMAGE = 12;
    private static final int CLASSES = 3;

    private static Task task() {
        return Classification.of(new Model("small", Shape.of(1, 3, 4), CLASSES,
                Sequential.of(Flatten.of(), Dense.of(IMAGE, 5), Activation.tanh(), Dense.of(5, CLASSES))));
    }

    private static HostTensor images(int count) {
        HostTensor images = HostTensor.zeros(DType.F32, Shape.of(count, 1, 3, 4));
        for (long i = 0; i < images.shape().elements(); i++) {
            images.set(i, Math.sin(i * 0.7));
        }
        return images;
    }

    private static float[] logits(Evaluator evaluator, int count) {
        return evaluator.run(new TreeMap<>(Map.of(Dataset.INPUT, images(count)))).get(Classification.LOGITS).toFloats();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aShortLastBatchIsCompiledOnceAndGivesWhatAFullOneDoes(String id) {
        Device device = TestDevices.shared(id);
        long before = device.statistics().liveBytes();
        try (State state = State.create(device); Evaluator evaluator = new Evaluator(task(), 8, device, state)) {
            HostTensor weights = HostTensor.zeros(DType.F32, Shape.of(5, IMAGE));
            for (long i = 0; i < weights.shape().elements(); i++) {
                weights.set(i, Math.cos(i));
            }
            state.write("1.weight", weights);
            state.write("3.weight", HostTensor.of(Shape.of(CLASSES, 5), 1f, 2f, 3f, 4f, 5f, -1f, 1f, 2f, -2f, 3f, 0f, 1f, 0f, 2f, 1f));
            float[] full = logits(evaluator, 8);
            assertThat(evaluator.sizes()).isEqualTo(1);
            float[] last = logits(evaluator, 3);
            assertThat(evaluator.sizes()).isEqualTo(2);
            long two = device.statistics().liveBytes();
            for (int epoch = 0; epoch < 3; epoch++) {
                assertThat(logits(evaluator, 8)).isEqualTo(full);
                assertThat(logits(evaluator, 3)).isEqualTo(last);
            }
            assertThat(evaluator.sizes()).isEqualTo(2);
            assertThat(device.statistics().liveBytes()).isEqualTo(two);
            assertThat(last).hasSize(3 * CLASSES).containsExactly(Arrays.copyOf(full, 3 * CLASSES), within());
            // Many sizes do not fill the device: those used longest ago go.
            for (int count = 10; count < 16; count++) {
                assertThat(logits(evaluator, count)).hasSize(count * CLASSES);
            }
            assertThat(evaluator.sizes()).isEqualTo(4);
            assertThat(logits(evaluator, 8)).isEqualTo(full);
        }
        assertThat(device.statistics().liveBytes()).as("bytes in use after closing").isEqualTo(before);
    }

    private static org.assertj.core.data.Offset<Float> within() {
        return org.assertj.core.data.Offset.offset(1e-5f);
    }

    @Test
    void samplesThatDoNotFitAreRefusedByName() {
        Device device = TestDevices.shared("host");
        try (State state = State.create(device); Evaluator evaluator = new Evaluator(task(), 8, device, state)) {
            assertThatThrownBy(() -> evaluator.run(new TreeMap<>())).isInstanceOf(QuernException.class)
                    .hasMessageContaining("model small: nothing was given for " + Dataset.INPUT);
            assertThatThrownBy(() -> evaluator.run(new TreeMap<>(Map.of(Dataset.INPUT, HostTensor.zeros(DType.F32, Shape.of(2, 3, 4))))))
                    .isInstanceOf(QuernException.class).hasMessageContaining("expected F32[2, 1, 3, 4]");
            assertThatThrownBy(() -> evaluator.run(new TreeMap<>(Map.of(Dataset.INPUT, images(2), "colour", images(2)))))
                    .isInstanceOf(QuernException.class).hasMessageContaining("no feed is named colour");
        }
    }
}
