package dev.quern.bench.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.bench.ceiling.Ceilings;
import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Schedule;
import dev.quern.bench.suite.BenchCase;
import dev.quern.bench.suite.Row;
import dev.quern.bench.suite.Suite;
import dev.quern.bench.suite.SuiteRun;
import dev.quern.bench.suite.Yardsticks;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.runtime.Device;
import dev.quern.runtime.Devices;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GemmSuiteTest {
    private static final Ceilings CEILINGS = new Ceilings(10e9, "copy", 12e9, "read", 100e9, "fma");
    private static final Schedule BRIEF = new Schedule(2, 2, 1, 2, 5, 20, 0);

    @Test
    void aRightVariantIsTimedAndAWrongOneIsNot() {
        Suite suite = GemmSuite.suite();
        BenchCase benchCase = suite.cases().stream().filter(one -> one.name().equals("64x10x84")).findFirst().orElseThrow();
        List<String> notes = new ArrayList<>();
        List<Row> rows;
        try (Device device = Devices.open("host"); Yardsticks yardsticks = new Yardsticks(device, CEILINGS)) {
            rows = new SuiteRun(suite, device, Optional.of(yardsticks), new Alternation(BRIEF), List.of(), notes::add)
                    .measure(benchCase, List.of("test_rows", "test_forgetful"));
        }
        assertThat(rows).extracting(Row::variant).containsExactly("test_rows", "test_forgetful");
        Row right = rows.get(0);
        assertThat(right.error()).isBetween(0.0, 1e-6);
        assertThat(right.timing()).hasValueSatisfying(timing -> assertThat(timing.runs()).isGreaterThanOrEqualTo(2));
        assertThat(right.gflops()).isEqualTo(2.0 * 64 * 10 * 84 / right.timing().orElseThrow().median() * 1e-6);
        assertThat(right.device()).isEqualTo("host");
        Row wrong = rows.get(1);
        assertThat(wrong.timing()).isEmpty();
        assertThat(notes).singleElement().asString().contains("64x10x84 test_forgetful: wrong result");
        // 640 of the 6,856 elements are written: less than a tenth.
        assertThat(right.share()).hasValueCloseTo(right.gigabytes() / 12, within(1e-9));
        assertThat(right.roof().orElseThrow().bound()).isEqualTo(Ceilings.Bound.READ);
    }

    @Test
    void theCheckSeesASingleWrongElementAndPassesARightProduct() {
        GemmProblem problem = GemmProblem.of(33, 47, 29, false, false);
        Random random = new Random(3);
        float[] a = random(random, 33 * 29);
        float[] b = random(random, 29 * 47);
        float[] c = new float[33 * 47];
        for (int i = 0; i < 33; i++) {
            for (int j = 0; j < 47; j++) {
                double sum = 0;
                for (int l = 0; l < 29; l++) {
                    sum += (double) a[i * 29 + l] * b[l * 47 + j];
                }
                c[i * 47 + j] = (float) sum;
            }
        }
        assertThat(error(problem, a, b, c)).isLessThan(1e-6);
        c[17 * 47 + 5] += 0.01f;
        assertThat(error(problem, a, b, c)).isGreaterThan(1e-5);
        c[17 * 47 + 5] = Float.NaN;
        assertThat(error(problem, a, b, c)).isNaN();
    }

    private static float[] random(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }

    private static double error(GemmProblem problem, float[] a, float[] b, float[] c) {
        return new GemmCheck().error(problem, List.of(HostTensor.of(Shape.of(33, 29), a), HostTensor.of(Shape.of(29, 47), b),
                HostTensor.of(Shape.of(33, 47), c)));
    }
}
