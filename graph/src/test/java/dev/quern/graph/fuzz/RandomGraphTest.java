package dev.quern.graph.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.fuzz.GraphTrial.Failure;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Random graphs give the same by reference, unfused and fused, gradients and updates included. {@link FuzzSettings} says which;
 * a failure is printed with the smallest graph found that fails alike, and with what runs it again.
 */
class RandomGraphTest {
    private static final int ON_HOST = 150;
    /** Each graph is some ten kernels to compile. */
    private static final int ON_OPENCL = 12;
    /** Where kernels are compiled, one in so many graphs runs with each node a kernel of its own too: some twenty kernels more. */
    private static final int UNFUSED_OF = 4;
    /** A program stays loaded as long as its device is open. */
    private static final int GRAPHS_OF_A_DEVICE = 100;
    private static final int SHRUNK_FAILURES = 3;
    private static final double MOST_LOOSE = 0.1;

    @TestFactory
    @Tag("fuzz")
    Stream<DynamicTest> fusedUnfusedAndReferenceAgree() {
        return TestDevices.ids().map(id -> DynamicTest.dynamicTest(id,
                () -> check(id, FuzzSettings.read(id.equals("host") ? ON_HOST : ON_OPENCL))));
    }

    private static void check(String id, FuzzSettings settings) {
        List<String> failures = new ArrayList<>();
        int compared = 0;
        int loose = 0;
        List<Integer> numbers = settings.numbers().boxed().toList();
        for (int start = 0; start < numbers.size(); start += GRAPHS_OF_A_DEVICE) {
            try (Device device = TestDevices.fresh(id)) {
                GraphTrial trial = new GraphTrial(device);
                for (int number : numbers.subList(start, Math.min(numbers.size(), start + GRAPHS_OF_A_DEVICE))) {
                    check(settings, number, id.equals("host") || number % UNFUSED_OF == 0, trial, failures);
                }
                compared += trial.compared();
                loose += trial.loose();
            }
        }
        assertThat(failures).as("%s of %s graphs on %s fail", failures.size(), numbers.size(), id).isEmpty();
        if (settings.only() < 0) {
            assertThat(loose).as("of %s tensors compared, those of which little is known", compared)
                    .isLessThanOrEqualTo((int) (MOST_LOOSE * compared) + 1);
        }
    }

    private static void check(FuzzSettings settings, int number, boolean unfused, GraphTrial trial, List<String> failures) {
        long seed = settings.seedOf(number);
        Grown grown;
        try {
            grown = GraphGrower.grow("fuzz" + number, Choices.random(seed, seed), false);
        } catch (RuntimeException e) {
            failures.add("\n" + settings.again(number) + ": cannot be made: " + e + " at " + List.of(e.getStackTrace()).subList(0, 4));
            return;
        }
        Optional<Failure> failure = trial.run(grown, seed, unfused);
        if (failure.isPresent()) {
            String kind = failure.get().kind();
            String again = "\n" + settings.again(number) + ": " + failure.get().text();
            if (failures.size() < SHRUNK_FAILURES) {
                Grown smallest = Shrinking.of(grown, choices -> GraphGrower.grow("smallest", choices, false),
                        simpler -> trial.run(simpler, seed, unfused).map(each -> each.kind().equals(kind)).orElse(false));
                again += "\nsmallest: " + trial.run(smallest, seed, unfused).map(Failure::text).orElse("does not fail again") + "\n" + smallest.graph();
            }
            failures.add(again);
        }
    }
}
