package dev.quern.kernels.testing;

import dev.quern.kernels.Operand;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Role;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DType;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Problems drawn at random, and simpler ones that fail alike. {@link #CASES_OF_A_FORM} neighbouring cases share the choices of
 * their form, and with it their epilogue.
 *
 * @param generator makes a problem of choices; what a problem refuses is drawn again
 * @param epilogues whether every other form has an epilogue
 * @param prologues what operands hold, for every third form to have a prologue; null for none
 */
record DrawnProblems<P extends Problem>(Function<Choices, P> generator, boolean epilogues, Elements<P> prologues) {
    static final int CASES_OF_A_FORM = 4;
    /** Draws until a generator is taken to make nothing that its problems accept. */
    private static final int DRAWS = 1000;
    /** A trial is a compilation. */
    private static final int TRIALS = 100;
    private static final long SHRINKING_NANOS = 60_000_000_000L;

    /** A problem, what rides on it and the choices that made it. */
    record Drawn<P extends Problem>(P problem, Prologues before, Epilogue epilogue, List<Integer> form, List<Integer> own) {
        /** The problem alone. */
        Drawn<P> bare() {
            return new Drawn<>(problem, Prologues.none(), Epilogue.none(), form, own);
        }
    }

    /** Case {@code number} of a seed. */
    Drawn<P> draw(FuzzSettings settings, int number) {
        QuernException refused = null;
        for (int i = 0; i < DRAWS; i++) {
            long turn = (long) i << 40;
            try {
                return make(Choices.random(settings.seedOf(-1 - number / CASES_OF_A_FORM) + turn, settings.seedOf(number) + turn));
            } catch (QuernException e) {
                refused = e;
            }
        }
        throw new IllegalStateException("the generator made no problem that is accepted, the last of them: ", refused);
    }

    private Drawn<P> make(Choices choices) {
        P problem = generator.apply(choices);
        Choices form = choices.form();
        Prologues before = Prologues.none();
        if (prologues != null && form.oneIn(3)) {
            List<Operand> operands = problem.operands();
            int input = form.between(0, operands.size() - 1);
            if (operands.get(input).role() == Role.INPUT && operands.get(input).dtype() == DType.F32) {
                Epilogue sample = form.oneOf(SampleEpilogues.of(prologues.shape(problem, input)));
                before = before.with(input, new Prologue(sample.operands(), sample.expression()));
            }
        }
        Epilogue epilogue = Epilogue.none();
        if (epilogues && form.yes()) {
            epilogue = KernelCheck.outputShape(problem).map(shape -> form.oneOf(SampleEpilogues.of(shape))).orElse(epilogue);
        }
        return new Drawn<>(problem, before, epilogue, form.made(), choices.made());
    }

    /** The simplest problem found that still fails, by making one choice after the other smaller. */
    Drawn<P> shrink(Drawn<P> failing, Function<Drawn<P>, Boolean> fails) {
        Drawn<P> best = failing;
        long end = System.nanoTime() + SHRINKING_NANOS;
        int trials = 0;
        boolean smaller = true;
        while (smaller) {
            smaller = false;
            for (int at = 0; at < best.form().size() + best.own().size(); at++) {
                int value = choice(best, at);
                // 0 first, then ever closer to the value.
                for (int step = value; step > 0; step /= 2) {
                    int lower = value - step;
                    if (trials++ >= TRIALS || System.nanoTime() > end) {
                        return best;
                    }
                    Optional<Drawn<P>> simpler = replay(best, at, lower);
                    if (simpler.isPresent() && fails.apply(simpler.get())) {
                        best = simpler.get();
                        smaller = true;
                        break;
                    }
                }
            }
        }
        return best;
    }

    private int choice(Drawn<P> drawn, int at) {
        int ofForm = drawn.form().size();
        List<Integer> own = drawn.own();
        return at < ofForm ? drawn.form().get(at) : at - ofForm < own.size() ? own.get(at - ofForm) : 0;
    }

    private Optional<Drawn<P>> replay(Drawn<P> drawn, int at, int value) {
        List<Integer> form = new ArrayList<>(drawn.form());
        List<Integer> own = new ArrayList<>(drawn.own());
        if (at < form.size()) {
            form.set(at, value);
        } else {
            own.set(at - form.size(), value);
        }
        try {
            return Optional.of(make(Choices.replay(form, own)));
        } catch (QuernException e) {
            return Optional.empty();
        }
    }
}
