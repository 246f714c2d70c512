package dev.quern.bench.suite;

import java.util.ArrayList;
import java.util.List;

/**
 * Cases that belong together.
 *
 * @param name  its name on the command line: {@code gemm}, {@code train}
 * @param cases the cases, in the order in which they are reported
 * @param more  cases that are only measured when they are asked for, since they take long together
 */
public record Suite(String name, List<BenchCase> cases, List<BenchCase> more) {
    public Suite {
        cases = List.copyOf(cases);
        more = List.copyOf(more);
    }

    /** A suite without further cases. */
    public Suite(String name, List<BenchCase> cases) {
        this(name, cases, List.of());
    }

    /** The cases and the further ones. */
    public List<BenchCase> all() {
        List<BenchCase> all = new ArrayList<>(cases);
        all.addAll(more);
        return List.copyOf(all);
    }
}
