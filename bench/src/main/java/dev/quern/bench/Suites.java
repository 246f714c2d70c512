package dev.quern.bench;

import dev.quern.bench.kernel.AttentionSuite;
import dev.quern.bench.kernel.ConvSuite;
import dev.quern.bench.kernel.ElementwiseSuite;
import dev.quern.bench.kernel.GemmSuite;
import dev.quern.bench.kernel.PoolSuite;
import dev.quern.bench.kernel.NormSuite;
import dev.quern.bench.kernel.ReduceSuite;
import dev.quern.bench.kernel.SoftmaxSuite;
import dev.quern.bench.recurrent.RecurrentSuite;
import dev.quern.bench.suite.Suite;
import dev.quern.bench.train.TrainSuite;
import dev.quern.examples.command.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The suites by name. */
final class Suites {
    /** All of them, as one asks for them on the command line. */
    static final String ALL = "all";

    private static final List<Suite> LIST = List.of(
            GemmSuite.suite(),
            ConvSuite.suite(),
            ConvSuite.depthwise(),
            PoolSuite.suite(),
            AttentionSuite.suite(),
            SoftmaxSuite.suite(),
            ReduceSuite.suite(),
            ElementwiseSuite.suite(),
            NormSuite.suite(),
            RecurrentSuite.suite(),
            TrainSuite.suite());

    private Suites() {
    }

    /** Every suite, in the order of reports. */
    static List<Suite> all() {
        return LIST;
    }

    /**
     * The suites that a command line names.
     *
     * @throws UsageException if there is none of a name; the message lists those there are
     */
    static List<Suite> named(List<String> names) {
        if (names.isEmpty()) {
            throw new UsageException("which suites? There are " + list() + " and " + ALL);
        }
        if (names.contains(ALL)) {
            return LIST;
        }
        List<Suite> named = new ArrayList<>();
        for (String name : names) {
            named.add(LIST.stream().filter(suite -> suite.name().equals(name)).findFirst()
                    .orElseThrow(() -> new UsageException("no suite is named " + name + "; there are " + list() + " and " + ALL)));
        }
        return named;
    }

    static String list() {
        return LIST.stream().map(Suite::name).collect(Collectors.joining(", "));
    }
}
