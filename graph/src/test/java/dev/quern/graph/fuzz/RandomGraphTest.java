package dev.quern.graph.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.testing.Closeness;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.testing.TestDevices;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Random graphs give the same by reference, unfused and fused, gradients and updates included. {@link FuzzSettings} says which.
 */
class RandomGraphTest {
    private static final int ON_HOST = 60;
    /** Each graph is some twenty kernels to compile. */
    private static final int ON_OPENCL = 4;

    @TestFactory
    @Tag("fuzz")
    Stream<DynamicTest> fusedUnfusedAndReferenceAgree() {
        return TestDevices.ids().map(id -> DynamicTest.dynamicTest(id, () -> {
            FuzzSettings settings = FuzzSettings.read(id.equals("host") ? ON_HOST : ON_OPENCL);
            List<String> failures = new ArrayList<>();
            try (Device device = TestDevices.fresh(id)) {
                settings.numbers().forEach(number -> check(settings, number, device, failures));
            }
            assertThat(failures).isEmpty();
        }));
    }

    private static void check(FuzzSettings settings, int number, Device device, List<String> failures) {
        long seed = settings.seedOf(number);
        String again = settings.again(number);
        try {
            Graph graph = RandomGraph.of(seed);
            CompileOptions guarded = CompileOptions.defaults().withGuarded(true);
            try (GraphRunner reference = GraphRunner.reference(graph);
                    GraphRunner unfused = GraphRunner.on(device, graph, guarded.withFusion(false));
                    GraphRunner fused = GraphRunner.on(device, graph, guarded);
                    GraphRunner planned = GraphRunner.on(device, graph, CompileOptions.defaults())) {
                List<GraphRunner> runners = List.of(reference, unfused, fused, planned);
                runners.forEach(runner -> fill(seed, graph, runner));
                for (int step = 0; step < 2; step++) {
                    runners.forEach(GraphRunner::run);
                    compare(again + " unfused", graph, unfused, reference, failures);
                    compare(again + " fused", graph, fused, reference, failures);
                    compare(again + " planned", graph, planned, reference, failures);
                }
            }
        } catch (RuntimeException | AssertionError e) {
            failures.add(again + ": " + e + " at " + e.getStackTrace()[0] + " " + e.getStackTrace()[1]);
        }
    }

    private static void fill(long seed, Graph graph, GraphRunner runner) {
        Random random = new Random(seed + 1_000_000);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Parameter || node.op() instanceof Input) {
                HostTensor tensor = HostTensor.zeros(node.types().getFirst().dtype(), node.types().getFirst().shape());
                for (long i = 0; i < tensor.shape().elements(); i++) {
                    tensor.set(i, random.nextGaussian() * 0.5);
                }
                if (node.op() instanceof Parameter) {
                    runner.write(node.name(), tensor);
                } else {
                    runner.set(node.name(), tensor);
                }
            }
        }
        runner.setScalar("rate", 0.1);
    }

    private static void compare(String what, Graph graph, GraphRunner actual, GraphRunner expected, List<String> failures) {
        for (String output : graph.outputs().keySet()) {
            Closeness.difference(actual.output(output), expected.output(output), 1e-4, 1e-5)
                    .ifPresent(difference -> failures.add(what + ": output " + output + " " + difference));
        }
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Parameter) {
                Closeness.difference(actual.state(node.name()), expected.state(node.name()), 1e-4, 1e-5)
                        .ifPresent(difference -> failures.add(what + ": state " + node.name() + " " + difference));
            }
        }
    }
}
