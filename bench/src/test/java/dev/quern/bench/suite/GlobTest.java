package dev.quern.bench.suite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GlobTest {
    @Test
    void starStandsForAnyTextAndNothingElseIsSpecial() {
        assertThat(new Glob("512*")).accepts("512x512x512", "512").rejects("1512", "51");
        assertThat(new Glob("*/packed_cpu")).accepts("1x1x1/packed_cpu", "lenet/b64/packed_cpu").rejects("1x1x1/packed");
        assertThat(new Glob("a.c?")).accepts("a.cd").rejects("abcd", "a.c");
    }
}
