package dev.quern.graph.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.interp.Interpreter;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Verifier;
import dev.quern.graph.pass.Pass;
import dev.quern.graph.pass.Pipeline;
import dev.quern.kernels.select.Families;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each pass by itself, on random graphs of which nothing was folded while they were built, and all of them one after the other:
 * outputs and the new state keep their bits on the references, but for the sign of a zero.
 */
class PassFuzzTest {
    private static final int GRAPHS = 100;

    private final Interpreter interpreter = new Interpreter(Families.load());
    private final List<String> failures = new ArrayList<>();

    @Test
    @Tag("fuzz")
    void everyPassKeepsEveryBit() {
        List<Pass> passes = Pipeline.standard().passes();
        FuzzSettings settings = FuzzSettings.read(GRAPHS);
        Set<String> busy = new HashSet<>();
        settings.numbers().forEach(number -> {
            long seed = settings.seedOf(number);
            Grown grown = GraphGrower.unfolded("pass" + number, Choices.random(seed, seed));
            Map<String, HostTensor> leaves = LeafData.of(grown, seed);
            Map<String, HostTensor> before = results(grown.graph(), leaves);
            Graph all = grown.graph();
            for (Pass pass : passes) {
                String what = settings.again(number) + ": " + pass.name();
                Graph alone = pass.rewrite().apply(grown.graph());
                if (alone.nodes().size() != grown.graph().nodes().size()) {
                    busy.add(pass.name());
                }
                compare(what + " alone", alone, before, leaves);
                all = pass.rewrite().apply(all);
                compare(what + " after those before it", all, before, leaves);
            }
        });
        assertThat(failures).as("%s fail", failures.size()).isEmpty();
        if (settings.only() < 0) {
            // What nothing needs is gone when a graph is built.
            assertThat(busy).as("passes that changed the number of nodes of some graph").contains("remove-stops", "canonicalise",
                    "fold-constants", "algebra", "merge-equal-nodes", "sink-transposes", "keep-old-values");
        }
    }

    private Map<String, HostTensor> results(Graph graph, Map<String, HostTensor> leaves) {
        Interpreter.Result result = interpreter.run(graph, leaves);
        Map<String, HostTensor> all = new TreeMap<>(result.outputs());
        result.assigned().forEach((path, tensor) -> all.put("state " + path, tensor));
        return all;
    }

    private void compare(String what, Graph graph, Map<String, HostTensor> before, Map<String, HostTensor> leaves) {
        try {
            Verifier.verify(graph);
            Map<String, HostTensor> after = results(graph, leaves);
            if (!after.keySet().equals(before.keySet())) {
                failures.add(what + ": computes " + new TreeSet<>(after.keySet()) + ", not " + before.keySet());
                return;
            }
            for (String name : before.keySet()) {
                HostTensor one = before.get(name);
                HostTensor other = after.get(name);
                for (long i = 0; i < one.shape().elements(); i++) {
                    double x = one.get(i);
                    double y = other.get(i);
                    if (x != y && !(Double.isNaN(x) && Double.isNaN(y))) {
                        failures.add(what + ": element " + i + " of " + name + " was " + x + " and is " + y);
                        return;
                    }
                }
            }
        } catch (RuntimeException e) {
            failures.add(what + ": " + e + " at " + List.of(e.getStackTrace()).subList(0, 4));
        }
    }
}
