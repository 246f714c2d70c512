package dev.quern.bench.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.bench.measure.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    /** Five blocks of twenty runs with noise within blocks and between them. */
    private static Samples samples(long seed, double millis, double within, double between) {
        Random random = new Random(seed);
        List<long[]> blocks = new ArrayList<>();
        for (int b = 0; b < 5; b++) {
            double level = millis * 1e6 * (1 + between * random.nextGaussian());
            long[] block = new long[20];
            for (int i = 0; i < block.length; i++) {
                block[i] = Math.round(level * (1 + within * Math.abs(random.nextGaussian())));
            }
            blocks.add(block);
        }
        return Samples.of(blocks);
    }

    private static Comparison.Verdict verdict(Samples before, Samples after) {
        return Comparison.of(before, after, 0.03, 0.99).verdict();
    }

    @Test
    void theSameSamplesAreTheSame() {
        Samples samples = samples(1, 2, 0.02, 0.002);
        Comparison comparison = Comparison.of(samples, samples, 0.03, 0.99);
        assertThat(comparison.verdict()).isEqualTo(Comparison.Verdict.SAME);
        assertThat(comparison.ratio()).isEqualTo(1);
    }

    @Test
    void anotherMeasurementOfTheSameThingIsNeverFasterOrSlower() {
        int same = 0;
        for (int seed = 0; seed < 60; seed++) {
            Comparison.Verdict verdict = verdict(samples(seed, 2, 0.02, 0.004), samples(1000 + seed, 2, 0.02, 0.004));
            assertThat(verdict).isIn(Comparison.Verdict.SAME, Comparison.Verdict.AMBIGUOUS);
            same += verdict == Comparison.Verdict.SAME ? 1 : 0;
        }
        assertThat(same).isGreaterThan(50);
    }

    @Test
    void aTenthMoreIsSlowerAndTheOtherWayRoundFaster() {
        Samples quick = samples(1, 2, 0.02, 0.005);
        Samples slow = samples(2, 2.2, 0.02, 0.005);
        assertThat(verdict(quick, slow)).isEqualTo(Comparison.Verdict.SLOWER);
        assertThat(verdict(slow, quick)).isEqualTo(Comparison.Verdict.FASTER);
        assertThat(Comparison.of(quick, slow, 0.03, 0.99).ratio()).isCloseTo(1.1, within(0.02));
        // A difference within the threshold is the same again.
        assertThat(Comparison.of(quick, slow, 0.25, 0.99).verdict()).isEqualTo(Comparison.Verdict.SAME);
    }

    @Test
    void noiseBetweenBlocksIsAmbiguous() {
        assertThat(verdict(samples(1, 2, 0.02, 0.15), samples(2, 2.1, 0.02, 0.15))).isEqualTo(Comparison.Verdict.AMBIGUOUS);
    }

    @Test
    void fewRunsProveNothing() {
        Samples one = Samples.of(List.of(new long[] {1_000_000}));
        Samples other = Samples.of(List.of(new long[] {9_000_000}));
        assertThat(verdict(one, other)).isEqualTo(Comparison.Verdict.AMBIGUOUS);
    }
}
