package dev.quern.kernels.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.testing.Doubling.Twice;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The harness must find what it promises to find. */
class KernelCheckTest {
    /** Opened outside of what is expected to throw: a missing device is not a finding. */
    private final Device device = TestDevices.shared("opencl:0");

    private Map<String, Integer> run(String body) {
        return KernelCheck.of(new Doubling(body)).problems(new Twice(33), new Twice(1000)).run(device);
    }

    @Test
    void passesARightKernelAndCountsItsRuns() {
        assertThat(run("if (i < n) y[i] = 2.0f * x[i];")).containsEntry("given", 2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            if (i < n) y[i] = 2.0f * x[i] + (i == 32 ? 0.01f : 0.0f);     | y: element 32 is
            if (i < n) y[i] = i == 7 ? Q_NAN : 2.0f * x[i];               | y: element 7 is NaN
            if (i < n - 1) y[i] = 2.0f * x[i];                            | y: element 32 is NaN
            if (i < n + 3) y[i] = 2.0f * x[i < n ? i : 0];                | outside operand y, the first one 0 bytes past the end
            if (i < n) y[i - (i == 0)] = 2.0f * x[i];                     | outside operand y, the first one 4 bytes before
            if (i < n) y[i] = x[i] + x[i + (i == n - 1)];                 | y: element 32 is NaN
            if (i < n) { y[i] = 2.0f * x[i]; x[i] = 0.0f; }               | input x was changed at element 0
            if (i < n) y[i] = i == 5 ? y[i] : 2.0f * x[i];                | two runs differ at element 5
            """)
    void findsADefect(String body, String finding) {
        assertThatThrownBy(() -> run(body)).isInstanceOf(AssertionError.class).hasMessageContaining(finding)
                .hasMessageContaining("doubling/given on opencl:0, doubling 33");
    }

    @Test
    void refusesAListThatAVariantRunsOnNoneOf() {
        KernelCheck<Twice> check = KernelCheck.of(new Doubling("y[i] = 0.0f;")).problems(new Twice(1));
        assertThatThrownBy(() -> check.run(device)).isInstanceOf(AssertionError.class).hasMessageContaining("none of the problems");
    }

    private String drawn(String body) {
        KernelCheck<Twice> check = KernelCheck.of(new Doubling(body))
                .drawn(from -> new Twice(2 + from.form().between(0, 9) + from.between(1, 400)));
        try {
            return check.run(device).toString();
        } catch (AssertionError e) {
            return e.getMessage();
        }
    }

    /** A failure names its case and the simplest problem that fails alike, which here is the least that is wrong. */
    @Test
    void aProblemDrawnAtRandomThatFailsIsMadeSimpler() {
        assertThat(drawn("if (i < n) y[i] = i == 123 ? 0.0f : 2.0f * x[i];")).contains("doubling/given on opencl:0, doubling ")
                .contains(" (again: -Dquern.fuzz.seed=").contains("\n    simplest: doubling/given on opencl:0, doubling 124: y: element 123");
        FuzzSettings settings = FuzzSettings.read();
        assertThat(drawn("if (i < n) y[i] = 2.0f * x[i];")).isEqualTo("{given=" + settings.numbers().count() + "}");
    }

    @Test
    void aSeedAndANumberAreACase() {
        DrawnProblems<Twice> problems = new DrawnProblems<>(from -> new Twice(from.form().between(1, 1 << 20) + from.between(1, 999)),
                true, Elements.dense());
        FuzzSettings settings = new FuzzSettings(7, 1, -1);
        assertThat(problems.draw(settings, 9)).isEqualTo(problems.draw(new FuzzSettings(7, 5, -1), 9));
        assertThat(problems.draw(settings, 9).problem()).isNotEqualTo(problems.draw(settings, 8).problem());
        assertThat(problems.draw(settings, 9).form()).isEqualTo(problems.draw(settings, 8).form());
        assertThat(problems.draw(settings, 7).form()).isNotEqualTo(problems.draw(settings, 8).form());
        assertThat(problems.draw(settings, 9)).isNotEqualTo(problems.draw(new FuzzSettings(8, 1, -1), 9));
    }
}
