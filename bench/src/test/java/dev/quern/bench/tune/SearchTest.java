package dev.quern.bench.tune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.bench.measure.Timing;
import dev.quern.bench.tune.Space.VariantSpace;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Tunable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class SearchTest {
    private static final Tunable TILE = new Tunable("TILE", List.of(8, 16, 32, 64), "");
    private static final Tunable DEPTH = new Tunable("DEPTH", List.of(1, 2, 4), "");
    private static final Candidate NAIVE = new Candidate("naive", Parameters.none());
    private static final Candidate TILED = new Candidate("tiled", Parameters.defaults(List.of(TILE, DEPTH)));
    private static final Space SPACE = new Space(List.of(new VariantSpace(NAIVE, List.of()),
            new VariantSpace(TILED, List.of(TILE, DEPTH))));

    private final List<Candidate> order = new ArrayList<>();
    private final Set<Candidate> wrong = new HashSet<>();

    /** Times are what a formula says, give or take a share. */
    private Probe probe(ToDoubleFunction<Candidate> millis, double noise) {
        return new Probe() {
            @Override
            public Result run(Candidate candidate, double enough) {
                order.add(candidate);
                return wrong.contains(candidate) ? new Result.Refused("wrong") : new Result.Timed(timing(candidate));
            }

            private Timing timing(Candidate candidate) {
                double median = millis.applyAsDouble(candidate);
                long[] nanos = new long[11];
                for (int i = 0; i < nanos.length; i++) {
                    // The tenth percentile is the second, the median the sixth, the ninetieth percentile the tenth.
                    nanos[i] = Math.round(1e6 * median * (1 + noise * (i < 3 ? -1 : i > 7 ? 1 : 0)));
                }
                return Timing.of(nanos);
            }

            @Override
            public List<Timing> compare(List<Candidate> candidates) {
                assertThat(candidates).doesNotHaveDuplicates();
                assertThat(candidates.stream().filter(wrong::contains)).isEmpty();
                return candidates.stream().map(this::timing).toList();
            }
        };
    }

    /** Best at TILE 32, DEPTH 2. */
    private static double valley(Candidate candidate) {
        if (candidate.variant().equals("naive")) {
            return 7;
        }
        return 4 + Math.abs(Math.log(candidate.parameters().value("TILE") / 32.0))
                + Math.abs(candidate.parameters().value("DEPTH") - 2);
    }

    private Search.Outcome search(ToDoubleFunction<Candidate> millis, double noise, int most) {
        Optional<Search.Outcome> found = new Search(SPACE, probe(millis, noise), () -> order.size() < most, _ -> { }).run(TILED);
        return found.orElseThrow();
    }

    @Test
    void findsTheBottomOfAValleyAndTriesNothingTwice() {
        Search.Outcome outcome = search(SearchTest::valley, 0.001, 100);
        assertThat(outcome.winner()).isEqualTo(new Candidate("tiled", Parameters.none().with("TILE", 32).with("DEPTH", 2)));
        assertThat(outcome.complete()).isTrue();
        assertThat(order).doesNotHaveDuplicates();
        assertThat(outcome.gain()).isCloseTo(valley(TILED) / 4, org.assertj.core.data.Offset.offset(1e-6));
    }

    @Test
    void whatIsWrongNeverWins() {
        wrong.add(new Candidate("tiled", Parameters.none().with("TILE", 32).with("DEPTH", 2)));
        Search.Outcome outcome = search(SearchTest::valley, 0.001, 100);
        assertThat(wrong).doesNotContain(outcome.winner());
        assertThat(outcome.tried()).containsKeys(wrong.toArray(Candidate[]::new));
    }

    @Test
    void nothingIsFoundWhereNothingIsRight() {
        wrong.addAll(List.of(NAIVE, TILED));
        assertThat(new Search(SPACE, probe(SearchTest::valley, 0), () -> true, _ -> { }).run(TILED)).isEmpty();
    }

    @Test
    void stopsWhenTimeIsOverWithTheBestSoFar() {
        Search.Outcome outcome = search(SearchTest::valley, 0.001, 3);
        assertThat(order).hasSize(3);
        assertThat(outcome.complete()).isFalse();
        assertThat(outcome.tried()).containsKey(outcome.winner());
    }

    @Test
    void withinNoiseTheUsualChoiceStays() {
        Search.Outcome outcome = search(candidate -> candidate.equals(TILED) ? 1.02 : 1.0, 0.05, 100);
        assertThat(outcome.winner()).isEqualTo(TILED);
        assertThat(outcome.gain()).isEqualTo(1);
    }

    @Test
    void aSlowVariantIsNotTuned() {
        search(candidate -> candidate.variant().equals("naive") ? 1 : 10, 0.01, 100);
        assertThat(order).containsExactlyInAnyOrder(NAIVE, TILED);
    }
}
