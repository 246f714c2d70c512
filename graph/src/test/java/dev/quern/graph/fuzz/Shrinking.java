package dev.quern.graph.fuzz;

import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.fuzz.GraphGrower.Span;
import dev.quern.kernels.testing.Choices;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes a failing graph smaller as long as it fails alike: puts a leaf, or one of the tensors that it was made from, in the place of a
 * wanted tensor, the largest parts first; then makes one choice after the other smaller: outputs, extents, attributes.
 */
final class Shrinking {
    private static final int TRIALS = 3000;
    private static final long NANOS = 60_000_000_000L;

    private final Function<Choices, Grown> grow;
    private final Predicate<Grown> fails;
    private final long end = System.nanoTime() + NANOS;
    private int trials;
    private Grown best;

    private Shrinking(Grown failing, Function<Choices, Grown> grow, Predicate<Grown> fails) {
        this.best = failing;
        this.grow = grow;
        this.fails = fails;
    }

    /** The smallest graph found that fails too. */
    static Grown of(Grown failing, Function<Choices, Grown> grow, Predicate<Grown> fails) {
        Shrinking shrinking = new Shrinking(failing, grow, fails);
        boolean smaller = true;
        while (smaller && shrinking.hasTime()) {
            smaller = shrinking.parts() | shrinking.choices();
        }
        return shrinking.best;
    }

    private boolean hasTime() {
        return trials < TRIALS && System.nanoTime() < end;
    }

    private boolean parts() {
        boolean any = false;
        boolean smaller = true;
        while (smaller && hasTime()) {
            smaller = onePart();
            any |= smaller;
        }
        return any;
    }

    private boolean onePart() {
        List<Span> spans = best.spans().stream().filter(span -> span.end() - span.start() > 1)
                .sorted(Comparator.comparingInt((Span span) -> span.start() - span.end())).toList();
        for (Span span : spans) {
            List<Integer> leaf = new ArrayList<>(best.choices().subList(0, span.start()));
            leaf.addAll(List.of(0, 0));
            leaf.addAll(best.choices().subList(span.end(), best.choices().size()));
            if (accept(leaf)) {
                return true;
            }
            for (Span inner : spans) {
                boolean within = inner.start() > span.start() && inner.end() <= span.end() && inner.shape().equals(span.shape());
                if (within) {
                    List<Integer> hoisted = new ArrayList<>(best.choices().subList(0, span.start()));
                    hoisted.addAll(best.choices().subList(inner.start(), inner.end()));
                    hoisted.addAll(best.choices().subList(span.end(), best.choices().size()));
                    if (accept(hoisted)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private boolean choices() {
        boolean any = false;
        for (int at = 0; at < best.choices().size() && hasTime(); at++) {
            int value = best.choices().get(at);
            // 0 first, then ever closer to the value.
            for (int step = value; step > 0; step /= 2) {
                List<Integer> lower = new ArrayList<>(best.choices());
                lower.set(at, value - step);
                if (accept(lower)) {
                    any = true;
                    break;
                }
            }
        }
        return any;
    }

    /** Keeps a graph that is simpler and still fails. */
    private boolean accept(List<Integer> choices) {
        if (!hasTime()) {
            return false;
        }
        trials++;
        Optional<Grown> grown = grown(choices);
        if (grown.isEmpty() || !simpler(grown.get()) || !fails.test(grown.get())) {
            return false;
        }
        best = grown.get();
        return true;
    }

    /** Choices may not fit together when some are left out. */
    private Optional<Grown> grown(List<Integer> choices) {
        try {
            return Optional.of(grow.apply(Choices.replay(List.of(), choices)));
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    private boolean simpler(Grown grown) {
        int nodes = Integer.compare(grown.graph().nodes().size(), best.graph().nodes().size());
        int count = Integer.compare(grown.choices().size(), best.choices().size());
        return nodes < 0 || nodes == 0 && (count < 0 || count == 0 && sum(grown) < sum(best));
    }

    private static long sum(Grown grown) {
        return grown.choices().stream().mapToLong(Integer::longValue).sum();
    }
}
