package dev.quern.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    @Test
    void contestantsTakeTurnsAndEachIsTimedWithItsOwnRuns() {
        List<String> order = new ArrayList<>();
        class Fixed implements Contestant {
            private final String name;
            private final long nanos;

            Fixed(String name, long nanos) {
                this.name = name;
                this.nanos = nanos;
            }

            @Override
            public String name() {
                return name;
            }

            @Override
            public long[] block(int warm, int runs) {
                order.add(name);
                long[] times = new long[runs];
                Arrays.fill(times, nanos);
                return times;
            }
        }
        List<Timing> timings = new Alternation(new Schedule(3, 100, 50, 1000, 300))
                .time(List.of(new Fixed("quick", 1_000_000), new Fixed("slow", 150_000_000)), false);
        assertThat(order.subList(order.size() - 6, order.size()))
                .containsExactly("quick", "slow", "quick", "slow", "quick", "slow");
        assertThat(timings.get(0).median()).isCloseTo(1, within(1e-9));
        assertThat(timings.get(0).runs()).isEqualTo(150);
        // One run fills a block, so it is not repeated within one.
        assertThat(timings.get(1).runs()).isEqualTo(3);
    }
}
