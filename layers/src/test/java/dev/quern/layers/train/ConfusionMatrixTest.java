package dev.quern.layers.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    @Test
    void measuresFollowTheirDefinitions() {
        ConfusionMatrix matrix = new ConfusionMatrix(4);
        int[][] pairs = {{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {1, 1}, {1, 1}, {2, 1}};
        for (int[] pair : pairs) {
            matrix.add(pair[0], pair[1]);
        }
        assertThat(matrix.count(1, 0)).isEqualTo(1);
        assertThat(matrix.samples(1)).isEqualTo(4);
        assertThat(matrix.precision(0)).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(matrix.recall(1)).isEqualTo(0.75);
        assertThat(matrix.f1(1)).as("2 * 3/5 * 3/4 / (3/5 + 3/4)").isCloseTo(2.0 / 3, within(1e-12));
        assertThat(matrix.precision(2)).as("never taken for it").isZero();
        assertThat(matrix.f1(3)).as("no samples").isZero();
        assertThat(matrix.macroRecall()).as("over the three classes with samples").isCloseTo((2.0 / 3 + 0.75 + 0) / 3, within(1e-12));
    }

    @Test
    void theMeterKeepsWhatWasTakenForWhatAndHowFarTheLabelWas() {
        HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(4));
        HostTensor logits = HostTensor.zeros(DType.F32, Shape.of(4, 3));
        double[][] rows = {{3, 2, 1}, {3, 2, 1}, {1, Double.NaN, 2}, {0, 0, 9}};
        int[] classes = {0, 2, 1, 0};
        for (int row = 0; row < 4; row++) {
            labels.set(row, classes[row]);
            for (int column = 0; column < 3; column++) {
                logits.set(row * 3 + column, rows[row][column]);
            }
        }
        ClassificationMeter meter = new ClassificationMeter("labels", "logits");
        assertThat(meter.confusion()).isEmpty();
        // The last row is padding.
        meter.add(3, Map.of("labels", labels), Map.of("logits", logits));
        assertThat(meter.top(1)).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(meter.top(2)).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(meter.top(3)).as("a logit that is no number counts for nothing").isCloseTo(2.0 / 3, within(1e-12));
        ConfusionMatrix confusion = meter.confusion().orElseThrow();
        assertThat(confusion.count(2, 0)).isEqualTo(1);
        assertThat(confusion.samples(1)).isZero();
        assertThatThrownBy(() -> meter.top(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
