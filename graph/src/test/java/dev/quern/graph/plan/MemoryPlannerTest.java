package dev.quern.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.plan.Layout.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MemoryPlannerTest {
    private static final long ALIGNMENT = 64;

    private static List<Lifetime> random(Random random) {
        int steps = 1 + random.nextInt(30);
        List<Lifetime> lifetimes = new ArrayList<>();
        for (int i = random.nextInt(60); i >= 0; i--) {
            int first = random.nextInt(steps);
            int last = Math.min(steps - 1, first + random.nextInt(6));
            lifetimes.add(new Lifetime("t" + i, 1 + random.nextInt(5000), first, last));
        }
        return lifetimes;
    }

    @Test
    void slotsThatLiveAtOneTimeNeverOverlap() {
        for (int seed = 0; seed < 300; seed++) {
            List<Lifetime> lifetimes = random(new Random(seed));
            long largest = seed % 3 == 0 ? 8192 : 1 << 20;
            Layout layout = new MemoryPlanner(ALIGNMENT, largest).plan(lifetimes);
            assertThat(layout.blocks()).allMatch(bytes -> bytes <= largest);
            assertThat(layout.bytes()).isGreaterThanOrEqualTo(layout.bound());
            for (int i = 0; i < lifetimes.size(); i++) {
                Place a = layout.places().get(i);
                assertThat(a.offset() % ALIGNMENT).isZero();
                assertThat(a.offset() + lifetimes.get(i).bytes()).isLessThanOrEqualTo(layout.blocks().get(a.block()));
                for (int j = 0; j < i; j++) {
                    Place b = layout.places().get(j);
                    boolean apart = a.block() != b.block() || a.offset() + lifetimes.get(i).bytes() <= b.offset()
                            || b.offset() + lifetimes.get(j).bytes() <= a.offset();
                    assertThat(apart || !lifetimes.get(i).overlaps(lifetimes.get(j))).as("seed %s: %s and %s", seed, i, j)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void aChainStaysWithinATenthOfItsTwoLargestNeighbours() {
        List<Lifetime> chain = new ArrayList<>();
        long bound = 0;
        for (int i = 0; i < 20; i++) {
            chain.add(new Lifetime("t" + i, 64L * (1 + (i * 7) % 11), i, i + 1));
            bound = Math.max(bound, i == 0 ? 0 : chain.get(i).bytes() + chain.get(i - 1).bytes());
        }
        Layout layout = new MemoryPlanner(ALIGNMENT, 1 << 20).plan(chain);
        assertThat(layout.bound()).isEqualTo(bound);
        assertThat((double) layout.bytes()).isLessThanOrEqualTo(1.1 * bound);
    }

    @Test
    void ofRandomLifetimesNearlyAllFitWithinATenthOfTheMostInUse() {
        List<Double> ratios = new ArrayList<>();
        for (int seed = 0; seed < 300; seed++) {
            Layout layout = new MemoryPlanner(ALIGNMENT, 1 << 20).plan(random(new Random(seed)));
            ratios.add((double) layout.bytes() / layout.bound());
        }
        assertThat(ratios.stream().filter(ratio -> ratio <= 1.1).count()).isGreaterThanOrEqualTo(297);
        assertThat(ratios.stream().mapToDouble(ratio -> ratio).average().orElseThrow()).isLessThan(1.01);
    }

    @Test
    void nothingToPlaceNeedsNothing() {
        assertThat(new MemoryPlanner(ALIGNMENT, 1024).plan(List.of()).bytes()).isZero();
    }

    @Test
    void aTemporaryLargerThanABlockIsNamed() {
        assertThatThrownBy(() -> new MemoryPlanner(ALIGNMENT, 1024).plan(List.of(new Lifetime("conv1", 2000, 0, 1))))
                .hasMessageContaining("conv1: 2000 bytes");
    }
}
