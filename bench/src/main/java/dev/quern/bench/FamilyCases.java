package dev.quern.bench;

import dev.quern.bench.suite.Glob;
import dev.quern.bench.suite.Suite;
import dev.quern.bench.tune.TuningCase;
import dev.quern.examples.command.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The cases of a kernel family, gathered from all suites. */
final class FamilyCases {
    private FamilyCases() {
    }

    /** A case with its suite. */
    record Found(Suite suite, TuningCase benchCase) {
    }

    /**
     * The cases that are like one of the patterns, those of the suites' longer lists too; without patterns all others.
     *
     * @throws UsageException if the family has no cases, or none is like a pattern; the message lists those there are
     */
    static List<Found> of(String family, List<Glob> globs) {
        List<Found> all = new ArrayList<>();
        TreeSet<String> families = new TreeSet<>();
        for (Suite suite : Suites.all()) {
            for (var one : globs.isEmpty() ? suite.cases() : suite.all()) {
                if (one instanceof TuningCase tunable) {
                    families.add(tunable.family());
                    if (tunable.family().equals(family)) {
                        all.add(new Found(suite, tunable));
                    }
                }
            }
        }
        if (all.isEmpty()) {
            throw new UsageException("no cases of a family " + family + "; there are cases of " + String.join(", ", families));
        }
        List<Found> wanted = globs.isEmpty() ? all
                : all.stream().filter(one -> globs.stream().anyMatch(glob -> glob.test(one.benchCase.name()))).toList();
        if (wanted.isEmpty()) {
            throw new UsageException("no case of " + family + " is like " + globs.stream().map(Glob::text).toList()
                    + "; there are " + all.stream().map(one -> one.benchCase.name()).toList());
        }
        return wanted;
    }
}
