package dev.quern.kernels.select;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.Parameters;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.kernels.tune.SourceHash;
import dev.quern.kernels.tune.Tuning;
import dev.quern.kernels.tune.TuningDatabase;
import dev.quern.kernels.tune.TuningEntry;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A tuning result decides where nobody pinned anything, as long as it holds for the kernels of today. */
class TunedSelectionTest {
    private static final GemmProblem PROBLEM = GemmProblem.of(64, 64, 64, false, false);

    private final Families families = Families.load();
    private final DeviceInfo device = TestDevices.shared("opencl:0").info();
    private final Variant<GemmProblem> packed = families.variantsFor(PROBLEM).stream()
            .filter(variant -> variant.name().equals("packed_cpu")).findFirst().orElseThrow();
    private final Parameters unusual = packed.parameters(PROBLEM, device).with("KC", 128);

    private Choice<GemmProblem> choose(TuningEntry entry, Pins pins) {
        Tuning tuning = new Tuning(List.of(TuningDatabase.empty("user", "this").with(entry)));
        return new Selector(families, device, pins, tuning).choose("node", PROBLEM, Epilogue.none());
    }

    private TuningEntry entry(String variant, Parameters parameters) {
        return new TuningEntry(PROBLEM.key(), variant, parameters,
                SourceHash.of(packed.plan(PROBLEM, device, unusual, Epilogue.none())), 0.25, 1.2);
    }

    @Test
    void aTuningResultGoesBeforeTheHeuristic() {
        Choice<GemmProblem> choice = choose(entry("packed_cpu", unusual), Pins.none());
        assertThat(choice.variant()).isSameAs(packed);
        assertThat(choice.parameters()).isEqualTo(unusual);
        assertThat(choice.reason()).isEqualTo("tuned 0.2500 ms (user)");
        assertThat(choice.others()).extracting(Choice.Refusal::variant).contains("naive").doesNotContain("packed_cpu");
    }

    @Test
    void aPinGoesBeforeATuningResult() {
        assertThat(choose(entry("packed_cpu", unusual), Pins.none().with("gemm", "naive")).variant().name()).isEqualTo("naive");
        assertThat(choose(entry("packed_cpu", unusual), Pins.none().with("gemm", "packed_cpu")).parameters())
                .as("what is pinned still runs with the parameters that were measured").isEqualTo(unusual);
    }

    @Test
    void aResultOfOtherKernelsDoesNotCount() {
        TuningEntry stale = new TuningEntry(PROBLEM.key(), "packed_cpu", unusual, "0000000000000000", 0.25, 1.2);
        assertThat(choose(stale, Pins.none()).reason()).startsWith("heuristic");
    }

    @Test
    void aResultWithAnotherValueOrVariantDoesNotCount() {
        assertThat(choose(entry("packed_cpu", unusual.with("KC", 77)), Pins.none()).reason()).startsWith("heuristic");
        assertThat(choose(entry("packed_cpu", unusual.with("NEW", 1)), Pins.none()).reason()).startsWith("heuristic");
        assertThat(choose(entry("removed", unusual), Pins.none()).reason()).startsWith("heuristic");
    }

    @Test
    void theHashTellsDatabasesApart() {
        Tuning one = new Tuning(List.of(TuningDatabase.empty("user", "this").with(entry("packed_cpu", unusual))));
        assertThat(one.hash()).isNotEqualTo(Tuning.none().hash()).isEqualTo(new Tuning(one.databases()).hash());
    }
}
