package dev.quern.bench.tune;

import dev.quern.bench.measure.Timing;
import dev.quern.bench.tune.Probe.Result;
import dev.quern.bench.tune.Space.VariantSpace;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Tunable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Looks for the quickest candidate of a space: first every variant as it is, then, for those that are not far behind, one
 * tunable after the other until a round changes nothing. Those at the front are compared in turns at the end. The order of
 * trials depends on the space and on what was measured alone.
 */
public final class Search {
    /** A variant that is so many times slower than the quickest is not worth tuning. */
    private static final double WORTH_TUNING = 2;
    /** Within this factor of the quickest, a candidate is compared again at the end. */
    private static final double FINALIST = 1.1;
    private static final int MOST_FINALISTS = 4;

    private final Space space;
    private final Probe probe;
    private final BooleanSupplier goOn;
    private final Consumer<String> progress;
    private final Map<Candidate, Result> tried = new LinkedHashMap<>();
    private double quickest = Double.POSITIVE_INFINITY;

    /**
     * A search.
     *
     * @param goOn     asked before every trial but the first: whether there is still time
     * @param progress told what is tried
     */
    public Search(Space space, Probe probe, BooleanSupplier goOn, Consumer<String> progress) {
        this.space = space;
        this.probe = probe;
        this.goOn = goOn;
        this.progress = progress;
    }

    /**
     * What was found.
     *
     * @param winner   the candidate to use
     * @param timing   what it took in the last comparison
     * @param gain     the time of the usual choice divided by the winner's in that comparison
     * @param tried    everything that was tried, in order
     * @param complete whether nothing was left out for lack of time
     */
    public record Outcome(Candidate winner, Timing timing, double gain, Map<Candidate, Result> tried, boolean complete) {
    }

    /**
     * Searches.
     *
     * @param usual the candidate that would be chosen without tuning
     * @return empty if nothing was right
     */
    public Optional<Outcome> run(Candidate usual) {
        boolean complete = tryOne(usual, true);
        for (VariantSpace variant : space.variants()) {
            complete &= tryOne(variant.usual(), false);
        }
        List<VariantSpace> byTime = space.variants().stream().filter(variant -> millis(variant.usual()) < Double.POSITIVE_INFINITY)
                .sorted(Comparator.comparingDouble(variant -> millis(variant.usual()))).toList();
        for (VariantSpace variant : byTime) {
            if (millis(variant.usual()) <= WORTH_TUNING * quickest) {
                complete &= tune(variant);
            }
        }
        if (quickest == Double.POSITIVE_INFINITY) {
            return Optional.empty();
        }
        return Optional.of(decide(usual, complete));
    }

    /** Changes one tunable at a time, keeping what helps, until a round over all of them changes nothing. */
    private boolean tune(VariantSpace variant) {
        Candidate best = variant.usual();
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Tunable tunable : variant.tunables()) {
                Parameters from = best.parameters();
                for (int value : tunable.values()) {
                    Candidate candidate = new Candidate(best.variant(), from.with(tunable.name(), value));
                    if (!tryOne(candidate, false)) {
                        return false;
                    }
                    if (millis(candidate) < millis(best)) {
                        best = candidate;
                        changed = true;
                    }
                }
            }
        }
        return true;
    }

    /** Whether it has been tried, now or before. */
    private boolean tryOne(Candidate candidate, boolean first) {
        if (tried.containsKey(candidate)) {
            return true;
        }
        if (!first && !goOn.getAsBoolean()) {
            return false;
        }
        progress.accept(candidate.toString());
        tried.put(candidate, probe.run(candidate, quickest));
        quickest = Math.min(quickest, millis(candidate));
        return true;
    }

    private double millis(Candidate candidate) {
        return tried.get(candidate) instanceof Result.Timed(Timing timing) ? timing.median() : Double.POSITIVE_INFINITY;
    }

    /**
     * Compares those at the front in turns. What is within noise of the quickest counts as equally quick, and of these the usual
     * choice wins, else the lower rung, else the parameters that come first: so that noise does not decide.
     */
    private Outcome decide(Candidate usual, boolean complete) {
        List<Candidate> finalists = new ArrayList<>(tried.keySet().stream()
                .filter(candidate -> millis(candidate) <= FINALIST * quickest)
                .sorted(Comparator.comparingDouble(this::millis)).limit(MOST_FINALISTS).toList());
        if (!finalists.contains(usual) && millis(usual) < Double.POSITIVE_INFINITY) {
            finalists.add(usual);
        }
        List<Timing> timings = probe.compare(finalists);
        int first = 0;
        for (int i = 1; i < finalists.size(); i++) {
            first = timings.get(i).median() < timings.get(first).median() ? i : first;
        }
        Timing front = timings.get(first);
        Candidate winner = finalists.get(first);
        Comparator<Candidate> order = Comparator.comparing((Candidate candidate) -> !candidate.equals(usual))
                .thenComparingInt(this::rung).thenComparing(candidate -> candidate.parameters().toString());
        for (int i = 0; i < finalists.size(); i++) {
            if (alike(timings.get(i), front) && order.compare(finalists.get(i), winner) < 0) {
                winner = finalists.get(i);
            }
        }
        Timing timing = timings.get(finalists.indexOf(winner));
        int usually = finalists.indexOf(usual);
        double gain = usually < 0 ? 1 : timings.get(usually).median() / timing.median();
        return new Outcome(winner, timing, gain, tried, complete);
    }

    private int rung(Candidate candidate) {
        for (int i = 0; i < space.variants().size(); i++) {
            if (space.variants().get(i).usual().variant().equals(candidate.variant())) {
                return i;
            }
        }
        return space.variants().size();
    }

    /** Whether the slower one's quick tenth is as quick as the quicker one's median, and the medians are within 3 %. */
    private static boolean alike(Timing slower, Timing quicker) {
        return slower.low() <= quicker.median() && slower.median() <= 1.03 * quicker.median();
    }
}
