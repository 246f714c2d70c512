package dev.quern.kernels.testing;

import dev.quern.kernels.PastCaches;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Variant;
import dev.quern.kernels.testing.DrawnProblems.Drawn;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs problems drawn at random. Variants that have to be compiled take turns: the cases of a form have one of them, that which
 * the fewest forms had so far. A case that runs alone has them all.
 */
final class DrawnCheck<P extends Problem> {
    private static final int SHRUNK_FAILURES = 2;

    private final KernelCheck<P> check;
    private final DrawnProblems<P> problems;
    private final Device device;
    private final boolean complete;
    private final FuzzSettings settings = FuzzSettings.read();
    private final Map<String, Integer> formsOf = new HashMap<>();
    /** How many failures were made simpler. */
    private int shrunk;
    private int form = -1;
    private String ofForm = "";

    DrawnCheck(KernelCheck<P> check, DrawnProblems<P> problems, Device device, boolean complete) {
        this.check = check;
        this.problems = problems;
        this.device = device;
        this.complete = complete;
    }

    void run(Map<String, Integer> runs, List<String> failures) {
        try {
            settings.numbers().forEach(number -> {
                storePastCaches(number / DrawnProblems.CASES_OF_A_FORM % 2 == 1);
                run(number, runs, failures);
            });
        } finally {
            storePastCaches(false);
        }
    }

    private void run(int number, Map<String, Integer> runs, List<String> failures) {
        Drawn<P> drawn = problems.draw(settings, number);
        List<Variant<P>> variants = supporting(drawn);
        if (variants.isEmpty() && !drawn.equals(drawn.bare())) {
            drawn = drawn.bare();
            variants = supporting(drawn);
        }
        if (variants.isEmpty() && complete) {
            failures.add(check.family().name() + " on " + device.info().id() + ", " + drawn.problem().key()
                    + ": no variant runs it (again: " + settings.again(number) + ")");
        }
        for (Variant<P> variant : inTurn(variants, number)) {
            runs.merge(variant.name(), 1, Integer::sum);
            settings.trace(number, variant.name() + " on " + device.info().id() + ", "
                    + KernelCase.text(drawn.problem(), drawn.before(), drawn.epilogue()));
            List<String> wrong = wrong(drawn, variant, number);
            if (!wrong.isEmpty()) {
                failures.add(wrong.getFirst() + " (again: " + settings.again(number) + ")"
                        + (shrunk++ < SHRUNK_FAILURES ? simplest(drawn, variant, number) : ""));
            }
        }
    }

    /** Every other form is small enough to stay in the caches and passes them all the same, as large ones do. */
    private static void storePastCaches(boolean yes) {
        if (yes) {
            System.setProperty(PastCaches.BYTES, "1");
        } else {
            System.clearProperty(PastCaches.BYTES);
        }
    }

    private List<Variant<P>> supporting(Drawn<P> drawn) {
        return check.supporting(drawn.problem(), drawn.before(), drawn.epilogue(), device);
    }

    private List<String> wrong(Drawn<P> drawn, Variant<P> variant, int number) {
        return check.prepare(drawn.problem(), drawn.before(), drawn.epilogue(), settings.seedOf(number))
                .wrong(variant, variant.parameters(drawn.problem(), device.info()), device);
    }

    private String simplest(Drawn<P> drawn, Variant<P> variant, int number) {
        Drawn<P> simplest = problems.shrink(drawn,
                simpler -> contains(supporting(simpler), variant.name()) && !wrong(simpler, variant, number).isEmpty());
        return simplest == drawn ? "" : "\n    simplest: " + wrong(simplest, variant, number).getFirst();
    }

    private List<Variant<P>> inTurn(List<Variant<P>> supporting, int number) {
        if (settings.only() >= 0) {
            return supporting;
        }
        if (number / DrawnProblems.CASES_OF_A_FORM != form) {
            form = number / DrawnProblems.CASES_OF_A_FORM;
            ofForm = "";
        }
        List<Variant<P>> compiled = supporting.stream().filter(variant -> variant.dialect() != Dialect.JAVA).toList();
        if (!compiled.isEmpty() && !contains(compiled, ofForm)) {
            ofForm = compiled.stream().map(Variant::name)
                    .min(Comparator.comparingInt(name -> formsOf.getOrDefault(name, 0))).orElseThrow();
            formsOf.merge(ofForm, 1, Integer::sum);
        }
        return supporting.stream().filter(variant -> variant.dialect() == Dialect.JAVA || variant.name().equals(ofForm)).toList();
    }

    private static <P extends Problem> boolean contains(List<Variant<P>> variants, String name) {
        return variants.stream().anyMatch(variant -> variant.name().equals(name));
    }
}
