package dev.quern.bench.suite;

import java.util.List;

/**
 * Cases that belong together.
 *
 * @param name  its name on the command line: {@code gemm}, {@code train}
 * @param cases the cases, in the order in which they are reported
 */
public record Suite(String name, List<BenchCase> cases) {
    public Suite {
        cases = List.copyOf(cases);
    }
}
