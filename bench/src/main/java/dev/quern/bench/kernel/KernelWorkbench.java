package dev.quern.bench.kernel;

import dev.quern.bench.measure.Alternation;
import dev.quern.bench.measure.Schedule;
import dev.quern.bench.measure.Timing;
import dev.quern.bench.tune.Candidate;
import dev.quern.bench.tune.Probe;
import dev.quern.bench.tune.Search;
import dev.quern.bench.tune.Space;
import dev.quern.bench.tune.TuningCase;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.select.Choice;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.select.Pins;
import dev.quern.kernels.select.Selector;
import dev.quern.kernels.tune.SourceHash;
import dev.quern.kernels.tune.TuningEntry;
import dev.quern.runtime.Device;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Tries variants and parameters of a kernel case on the same operands. */
final class KernelWorkbench<P extends Problem> implements TuningCase.Workbench, Probe {
    /** How long the runs of one block last, and how many blocks a candidate gets that is worth measuring well. */
    private static final double BLOCK_MILLIS = 60;
    private static final int MOST_RUNS = 50;
    private static final int BLOCKS = 3;
    /** What is slower than the best by this factor is not measured further. */
    private static final double CLEARLY_SLOWER = 1.3;
    /** For the last comparison: shorter than for a report. */
    private static final Schedule COMPARISON = new Schedule(4, 6, 0.01, 100, 100, 500, 0);

    private final KernelCase<P> benchCase;
    private final Device device;
    private final OperandSets operands;
    private final List<Variant<P>> variants;
    private final Check<P> check;
    private final Choice<P> choice;

    KernelWorkbench(KernelCase<P> benchCase, Device device, OperandSets operands) {
        this.benchCase = benchCase;
        this.device = device;
        this.operands = operands;
        Selector selector = new Selector(Families.load(), device.info(), Pins.none());
        this.variants = benchCase.supported(selector);
        this.check = benchCase.check().forOneBout();
        this.choice = selector.choose(benchCase.name(), benchCase.problem(), Epilogue.none());
    }

    @Override
    public Space space() {
        return new Space(variants.stream().map(variant -> new Space.VariantSpace(new Candidate(variant.name(),
                variant.parameters(benchCase.problem(), device.info())), variant.tunables())).toList());
    }

    @Override
    public Candidate usual() {
        return new Candidate(choice.variant().name(), choice.parameters());
    }

    @Override
    public Probe probe() {
        return this;
    }

    private Variant<P> variant(Candidate candidate) {
        return variants.stream().filter(variant -> variant.name().equals(candidate.variant())).findFirst().orElseThrow();
    }

    @Override
    public Result run(Candidate candidate, double enough) {
        Variant<P> variant = variant(candidate);
        Support accepted = variant.accepts(candidate.parameters(), benchCase.problem(), device.info());
        if (!accepted.yes()) {
            return new Result.Refused(accepted.reason());
        }
        try (VariantRun run = bind(candidate)) {
            operands.poisonOutputs();
            run.runOnFirstSet();
            double error = check.error(benchCase.problem(), operands.read());
            // Written so that NaN is turned away.
            if (!(error <= benchCase.tolerance())) {
                return new Result.Refused(String.format(Locale.ROOT, "wrong result: relative error %.1e", error));
            }
            long[] nanos = run.block(0, 1);
            for (int block = 0; block < BLOCKS && Timing.of(nanos).median() <= CLEARLY_SLOWER * enough; block++) {
                int runs = (int) Math.clamp((long) (BLOCK_MILLIS / Timing.of(nanos).median()), 1L, (long) MOST_RUNS);
                long[] more = run.block(1, runs);
                // The first run alone finds cold caches; it only says how many runs make a block.
                nanos = block == 0 ? more : concatenate(nanos, more);
            }
            return new Result.Timed(Timing.of(nanos));
        } catch (QuernException e) {
            return new Result.Refused(e.getMessage());
        }
    }

    private static long[] concatenate(long[] first, long[] second) {
        long[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private VariantRun bind(Candidate candidate) {
        return VariantRun.bind(variant(candidate), candidate.parameters(), benchCase.problem(), device, operands);
    }

    @Override
    public List<Timing> compare(List<Candidate> candidates) {
        List<VariantRun> runs = new ArrayList<>();
        try {
            candidates.forEach(candidate -> runs.add(bind(candidate)));
            return new Alternation(COMPARISON).time(runs);
        } finally {
            runs.forEach(VariantRun::close);
        }
    }

    @Override
    public TuningEntry entry(Search.Outcome outcome) {
        Candidate winner = outcome.winner();
        String source = SourceHash.of(variant(winner).plan(benchCase.problem(), device.info(), winner.parameters(), Epilogue.none()));
        return new TuningEntry(benchCase.problem().key(), winner.variant(), winner.parameters(), source, outcome.timing().median(),
                outcome.gain());
    }

    @Override
    public void close() {
        operands.close();
    }
}
