package dev.quern.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class AlternationTest {
    private final List<String> order = new ArrayList<>();

    private final class Made implements Contestant {
        private final String name;
        private final boolean apart;
        private final LongSupplier nanos;

        Made(String name, boolean apart, LongSupplier nanos) {
            this.name = name;
            this.apart = apart;
            this.nanos = nanos;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean apart() {
            return apart;
        }

        @Override
        public long[] block(int warm, int runs) {
            order.add(name);
            long[] times = new long[runs];
            for (int i = 0; i < runs; i++) {
                times[i] = nanos.getAsLong();
            }
            return times;
        }
    }

    private static Alternation alternation(int least, int most) {
        return new Alternation(new Schedule(least, most, 0.02, 100, 50, 1000, 60));
    }

    @Test
    void contestantsTakeTurnsAndEachIsTimedWithItsOwnRuns() {
        List<Timing> timings = alternation(3, 5).time(List.of(new Made("quick", false, () -> 40_000_000),
                new Made("slow", false, () -> 150_000_000), new Made("hopeless", false, () -> 900_000_000)));
        assertThat(order.subList(order.size() - 7, order.size()))
                .containsExactly("quick", "slow", "hopeless", "quick", "slow", "quick", "slow");
        assertThat(timings.get(0).median()).isCloseTo(40, within(1e-9));
        assertThat(timings.get(0).runs()).isEqualTo(6);
        // One run fills a block, so it is not repeated within one.
        assertThat(timings.get(1).runs()).isEqualTo(3);
        // How slow exactly is of no interest.
        assertThat(timings.get(2).runs()).isEqualTo(1);
    }

    @Test
    void aPeerWhoseFirstRunStartsItUpIsTimedAfterwards() {
        boolean[] started = {false};
        Made peer = new Made("peer", true, () -> {
            long nanos = started[0] ? 20_000_000 : 2_000_000_000;
            started[0] = true;
            return nanos;
        });
        Timing timing = alternation(2, 2).time(List.of(new Made("own", false, () -> 10_000_000), peer)).get(1);
        assertThat(timing.high()).isCloseTo(20, within(1e-9));
        assertThat(timing.runs()).isEqualTo(2 * 5);
    }

    @Test
    void noiseIsMeasuredLonger() {
        Random random = new Random(1);
        List<Timing> timings = alternation(2, 6).time(List.of(new Made("steady", false, () -> 10_000_000),
                new Made("noisy", false, () -> 10_000_000 + (long) (random.nextDouble() * 10_000_000))));
        assertThat(timings.get(0).runs()).isEqualTo(2 * 10);
        assertThat(timings.get(1).samples().blocks()).hasSizeGreaterThan(2);
    }

    @Test
    void restsAreTakenWhereAnotherProcessSpins() {
        long start = System.nanoTime();
        alternation(2, 2).time(List.of(new Made("own", false, () -> 200_000_000), new Made("other", false, () -> 200_000_000)));
        long together = System.nanoTime() - start;
        start = System.nanoTime();
        alternation(2, 2).time(List.of(new Made("own", false, () -> 200_000_000), new Made("peer", true, () -> 200_000_000)));
        long apart = System.nanoTime() - start;
        // From own to peer and back, in warming up and in two rounds.
        assertThat(apart).isGreaterThanOrEqualTo(5 * 60_000_000L);
        assertThat(together).isLessThan(apart);
    }
}
