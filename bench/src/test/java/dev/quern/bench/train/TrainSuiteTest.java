package dev.quern.bench.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Schedule;
import dev.quern.bench.suite.Row;
import dev.quern.bench.suite.Suite;
import dev.quern.bench.suite.SuiteRun;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TrainSuiteTest {
    @Test
    void aStepIsHeldAgainstTheReferencesAndThenTimed() {
        Suite suite = TrainSuite.suite();
        List<String> notes = new ArrayList<>();
        List<Row> rows;
        try (Device device = Devices.open("host")) {
            rows = new SuiteRun(suite, device, Optional.empty(), new Alternation(new Schedule(1, 1, 1, 10, 2, 10, 0)), List.of(), notes::add)
                    .measure(suite.cases().getFirst(), List.of("plan"));
        }
        assertThat(notes).isEmpty();
        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.name()).isEqualTo("lenet/b64");
            assertThat(row.pass()).isEqualTo("step");
            assertThat(row.best()).isTrue();
            assertThat(row.error()).isBetween(1e-12, 1e-4);
            assertThat(row.timing()).isPresent();
            // Three passes over 2 * 64 * (28*28*6*25 + 10*10*16*150 + 400*120 + 120*84 + 84*10) operations, but the data
            // gradient of the first convolution.
            assertThat(row.gflops() * row.timing().orElseThrow().median() * 1e6).isBetween(1.4e8, 1.6e8);
        });
    }
}
