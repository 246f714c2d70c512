package dev.quern.graph.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.testing.TestDevices;
import dev.quern.runtime.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of this project's own passes on every device and by the references. */
class GoldenTest {
    private final GoldenComparison comparison = new GoldenComparison();

    @TestFactory
    Stream<DynamicTest> everyOwnCasePassesOnEveryDeviceAndByReference() {
        return everywhere(runners -> {
            List<String> failures = new ArrayList<>();
            for (GoldenCase golden : GoldenCase.own()) {
                if (!comparison.compare(golden, runners, failures)) {
                    failures.add(golden.name() + ": unknown op " + golden.op());
                }
            }
            assertThat(failures).isEmpty();
        });
    }

    private static Stream<DynamicTest> everywhere(Consumer<GraphRunner.Factory> test) {
        DynamicTest reference = DynamicTest.dynamicTest("reference", () -> test.accept(GraphRunner::reference));
        return Stream.concat(Stream.of(reference), TestDevices.ids().map(id -> DynamicTest.dynamicTest(id, () -> {
            try (Device device = TestDevices.fresh(id)) {
                test.accept(graph -> GraphRunner.on(device, graph, CompileOptions.defaults()));
            }
        })));
    }
}
