package dev.quern.kernels.tune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.select.Families;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The databases that come with the project. Whether their kernels are still those that were measured is seen when they are used. */
class ShippedTuningTest {
    private final Map<String, KernelFamily<?>> families = Families.load().all().stream()
            .collect(Collectors.toMap(KernelFamily::name, Function.identity()));

    @ParameterizedTest
    @ValueSource(strings = {"pocl-avx512", "pocl-avx2"})
    void entriesNameFamiliesVariantsAndTunablesThatExist(String deviceClass) {
        TuningDatabase database = Tuning.shipped(deviceClass).orElseThrow();
        assertThat(database.device()).isEqualTo(deviceClass);
        assertThat(database.entries()).isNotEmpty();
        for (TuningEntry entry : database.entries().values()) {
            String family = entry.problem().substring(0, entry.problem().indexOf(' '));
            assertThat(families).as(entry.problem()).containsKey(family);
            Variant<?> variant = families.get(family).variants().stream().filter(one -> one.name().equals(entry.variant()))
                    .findFirst().orElseThrow(() -> new AssertionError(entry.problem() + ": no variant " + entry.variant()));
            assertThat(entry.parameters().values().keySet()).as(entry.problem())
                    .containsExactlyInAnyOrderElementsOf(variant.tunables().stream().map(Tunable::name).toList());
            for (Tunable tunable : variant.tunables()) {
                assertThat(tunable.values()).as(entry.problem()).contains(entry.parameters().value(tunable.name()));
            }
        }
    }
}
