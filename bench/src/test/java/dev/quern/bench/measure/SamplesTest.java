package dev.quern.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplesTest {
    @Test
    void theIntervalOfEqualRunsIsAPoint() {
        Interval interval = Samples.of(List.of(new long[] {5, 5, 5}, new long[] {5, 5})).medianInterval(0.95);
        assertThat(interval).isEqualTo(new Interval(5, 5));
        assertThat(interval.relativeHalfWidth()).isZero();
    }

    /** Of 200 measurements of the same thing, the 95 % interval must miss the truth in few, and not in none of a narrow kind. */
    @Test
    void theIntervalCoversTheTrueMedianAsOftenAsItSays() {
        Random random = new Random(5);
        int covered = 0;
        double width = 0;
        for (int i = 0; i < 200; i++) {
            List<long[]> blocks = new ArrayList<>();
            for (int b = 0; b < 8; b++) {
                long[] block = new long[25];
                for (int r = 0; r < block.length; r++) {
                    block[r] = Math.round(1e6 * (1 + 0.1 * random.nextGaussian()));
                }
                blocks.add(block);
            }
            Interval interval = Samples.of(blocks).medianInterval(0.95);
            covered += interval.low() <= 1e6 && 1e6 <= interval.high() ? 1 : 0;
            width += interval.relativeHalfWidth();
        }
        assertThat(covered).isGreaterThanOrEqualTo(184);
        assertThat(width / 200).isLessThan(0.03);
    }

    @Test
    void whatDiffersBetweenBlocksWidensTheInterval() {
        List<long[]> alike = List.of(run(100), run(100), run(100), run(100));
        List<long[]> unlike = List.of(run(90), run(100), run(110), run(120));
        assertThat(Samples.of(alike).medianInterval(0.95).relativeHalfWidth()).isLessThan(0.01);
        assertThat(Samples.of(unlike).medianInterval(0.95).relativeHalfWidth()).isGreaterThan(0.08);
    }

    private static long[] run(long nanos) {
        return new long[] {nanos, nanos, nanos, nanos, nanos, nanos, nanos, nanos};
    }

    @Test
    void noRunsAreRefused() {
        assertThatThrownBy(() -> Samples.of(List.of(new long[0]))).hasMessageContaining("no runs");
    }
}
