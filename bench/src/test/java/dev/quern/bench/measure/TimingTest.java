package dev.quern.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TimingTest {
    @Test
    void quantilesAreThoseOfTheSortedRuns() {
        long[] nanos = {5_000_000, 1_000_000, 3_000_000, 2_000_000, 4_000_000};
        Timing timing = Timing.of(nanos);
        assertThat(timing.runs()).isEqualTo(5);
        assertThat(timing.median()).isCloseTo(3, within(1e-9));
        assertThat(timing.min()).isCloseTo(1, within(1e-9));
        assertThat(timing.low()).isCloseTo(1.4, within(1e-9));
        assertThat(timing.high()).isCloseTo(4.6, within(1e-9));
    }
}
