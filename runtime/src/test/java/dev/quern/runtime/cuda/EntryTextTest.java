package dev.quern.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EntryTextTest {
    private static List<String> words(String text, String entry) {
        return EntryText.of(text).get(entry).parameters().stream().map(EntryText.Parameter::toString).toList();
    }

    @Test
    void readsTypesAndNamesWithoutQualifiers() {
        assertThat(words("Q_KERNEL void k(Q_GLOBAL const float* Q_RESTRICT in, Q_GLOBAL int *out,\n  unsigned int n, Q_LONG offset) {}",
                "k")).containsExactly("float* in", "int* out", "unsigned int n", "Q_LONG offset");
        assertThat(words("extern \"C\" __global__ void __launch_bounds__(256) k(const float* __restrict__ x) {}", "k"))
                .containsExactly("float* x");
    }

    @Test
    void findsEveryKernelWhateverStandsBeforeItsName() {
        Map<String, EntryText> entries = EntryText.of("""
                static float helper(float x) { return x; }
                Q_KERNEL Q_REQD_GROUP(16, 16, 1)
                void one(Q_GLOBAL X_T* x OTHERS) { }
                Q_KERNEL void two(void) { }
                """);
        assertThat(entries).containsOnlyKeys("one", "two");
        assertThat(entries.get("two").parameters()).isEmpty();
    }

    @Test
    void commasInsideMacrosDivideNothing() {
        assertThat(words("Q_KERNEL void k(OPERANDS(a, b), int n) {}", "k")).hasSize(2).last().isEqualTo("int n");
    }
}
