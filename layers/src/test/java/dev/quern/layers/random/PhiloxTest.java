package dev.quern.layers.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.kernels.random.Philox;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PhiloxTest {
    private static int[] block(long low, long high, long key) {
        int[] out = new int[4];
        Philox.block(low, high, key, out);
        return out;
    }

    @Test
    void givesThePublishedAnswers() {
        assertThat(block(0, 0, 0)).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        assertThat(block(-1, -1, -1)).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        assertThat(block(0x85a308d3_243f6a88L, 0x03707344_13198a2eL, 0x299f31d0_a4093822L))
                .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void streamsOfDifferentPurposeIndexOrSeedDiffer() {
        assertThat(first(1, "shuffle", 0)).isEqualTo(first(1, "shuffle", 0));
        assertThat(first(1, "shuffle", 0)).isNotEqualTo(first(1, "shuffle", 1));
        assertThat(first(1, "shuffle", 0)).isNotEqualTo(first(1, "augment", 0));
        assertThat(first(1, "shuffle", 0)).isNotEqualTo(first(2, "shuffle", 0));
    }

    private static int first(long seed, String purpose, long index) {
        return new RandomStream(seed, purpose, index).nextInt();
    }

    @Test
    void uniformsAndNormalsHaveTheirMoments() {
        RandomStream stream = new RandomStream(7, "moments", 0);
        int count = 100_000;
        double uniformSum = 0;
        double normalSum = 0;
        double normalSquares = 0;
        for (int i = 0; i < count; i++) {
            float uniform = stream.nextFloat();
            assertThat(uniform).isBetween(0f, 0x1.fffffep-1f);
            uniformSum += uniform;
            double normal = stream.normal();
            normalSum += normal;
            normalSquares += normal * normal;
        }
        assertThat(uniformSum / count).isCloseTo(0.5, within(0.005));
        assertThat(normalSum / count).isCloseTo(0, within(0.015));
        assertThat(normalSquares / count).isCloseTo(1, within(0.02));
    }

    @Test
    void boundedIntegersCoverTheirRangeEvenly() {
        RandomStream stream = new RandomStream(3, "bounded", 0);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) {
            counts[stream.nextInt(7)]++;
        }
        for (int count : counts) {
            assertThat(count).isBetween(9_600, 10_400);
        }
    }

    @Test
    void aPermutationHoldsEveryIndexOnceAndRepeatsForItsSeed() {
        int[] order = new int[1_000];
        int[] again = new int[1_000];
        new RandomStream(5, "shuffle", 3).permutation(order);
        new RandomStream(5, "shuffle", 3).permutation(again);
        assertThat(order).isEqualTo(again);
        int[] sorted = order.clone();
        Arrays.sort(sorted);
        assertThat(order).isNotEqualTo(sorted);
        for (int i = 0; i < sorted.length; i++) {
            assertThat(sorted[i]).isEqualTo(i);
        }
    }
}
