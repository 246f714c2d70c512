package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.layers.train.Metric;
import dev.quern.layers.train.TrainingEvent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TrainReportTest {
    @Test
    void everyFieldIsWrittenAndWhatIsNoNumberIsNull() {
        String json = new TrainReport("lenet", "host", "a \"device\"", 1, 64, 61706,
                List.of(new TrainingEvent.Epoch(1, new TreeMap<>(Map.of("loss", 0.5)), 2, 4000)), new float[] {2.3025851f, Float.NaN},
                List.of(Metric.higher("accuracy", 0.97), Metric.lower("loss", Double.NaN)), 16.5).json();
        assertThat(json.replaceAll("\\s+", "")).isEqualTo("{\"model\":\"lenet\",\"device\":\"host\",\"device_name\":\"a\\\"device\\\"\","
                + "\"seed\":1,\"batch\":64,\"parameters\":61706,"
                + "\"epochs\":[{\"epoch\":1,\"loss\":0.5,\"seconds\":2.0,\"samples_per_second\":4000.0}],"
                + "\"step_losses\":[2.3025851,null],\"test_accuracy\":0.97,\"test_loss\":null,\"step_ms_median\":16.5}");
    }
}
