package dev.quern.graph.fuzz;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.interp.Interpreter;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs two steps of a graph on a device: each node a kernel of its own, fused, and fused with memory planned. The first two have every
 * slot poisoned and fenced. All must agree with the {@link Expectation}, the last two bit for bit with each other, and without
 * assignments the second step with the first.
 */
final class GraphTrial {
    private static final int SAMPLES = 3;
    /** So many before something is called wrong that depends on which side of an edge a number falls. */
    private static final int MORE_SAMPLES = 30;
    private static final int STEPS = 2;

    private final Device device;
    private final Interpreter.Arithmetic references;
    private int compared;
    private int loose;

    /** Trials on a device. */
    GraphTrial(Device device) {
        this(device, Expectation.REFERENCES);
    }

    /** Trials against another idea of what operations mean. */
    GraphTrial(Device device, Interpreter.Arithmetic references) {
        this.device = device;
        this.references = references;
    }

    /**
     * What went wrong.
     *
     * @param kind what kind of failure it is, the same for simpler graphs that fail alike
     * @param text what exactly
     */
    record Failure(String kind, String text) {
    }

    /** How many tensors were compared so far. */
    int compared() {
        return compared;
    }

    /** How many of these could be anything within a hundredth of their size. */
    int loose() {
        return loose;
    }

    /** What goes wrong with a graph, if anything. */
    Optional<Failure> run(Grown grown, long seed) {
        return run(grown, seed, true);
    }

    /** What goes wrong with a graph, if anything, with or without each node a kernel of its own. */
    Optional<Failure> run(Grown grown, long seed, boolean unfused) {
        Optional<Failure> failure = run(grown, seed, unfused, SAMPLES);
        return failure.isPresent() && failure.get().kind().endsWith("differs") ? run(grown, seed, unfused, MORE_SAMPLES) : failure;
    }

    private Optional<Failure> run(Grown grown, long seed, boolean unfused, int samples) {
        Map<String, HostTensor> leaves = LeafData.of(grown, seed);
        Expectation expectation = new Expectation(grown.graph(), leaves, references, samples, seed);
        CompileOptions guarded = CompileOptions.defaults().withGuarded(true);
        Map<String, CompileOptions> ways = new LinkedHashMap<>();
        if (unfused) {
            ways.put("unfused", guarded.withFusion(false));
        }
        ways.put("fused", guarded);
        ways.put("planned", CompileOptions.defaults());
        try {
            Map<String, List<Map<String, HostTensor>>> results = new LinkedHashMap<>();
            for (Map.Entry<String, CompileOptions> way : ways.entrySet()) {
                try {
                    results.put(way.getKey(), steps(grown, leaves, way.getValue()));
                } catch (RuntimeException e) {
                    return Optional.of(new Failure(way.getKey() + " throws " + e.getClass().getSimpleName(),
                            way.getKey() + ": " + e + " at " + List.of(e.getStackTrace()).subList(0, Math.min(3, e.getStackTrace().length))));
                }
            }
            // Where nothing of the state changes, the second step is the first again, bit for bit.
            for (int step = 0; step < (changes(grown) ? STEPS : 1); step++) {
                expectation.step();
                for (Map.Entry<String, List<Map<String, HostTensor>>> way : results.entrySet()) {
                    for (Map.Entry<String, HostTensor> result : way.getValue().get(step).entrySet()) {
                        Optional<String> wrong = expectation.difference(result.getKey(), result.getValue());
                        if (wrong.isPresent()) {
                            return Optional.of(new Failure(way.getKey() + " differs", way.getKey() + ", step " + (step + 1) + ": " + wrong.get()));
                        }
                    }
                }
            }
            return sameBits(grown, results);
        } finally {
            compared += expectation.compared();
            loose += expectation.loose();
        }
    }

    /** Every output and tensor of the state after each step. */
    private List<Map<String, HostTensor>> steps(Grown grown, Map<String, HostTensor> leaves, CompileOptions options) {
        List<Map<String, HostTensor>> steps = new ArrayList<>();
        try (GraphRunner runner = GraphRunner.on(device, grown.graph(), options)) {
            for (Node node : grown.graph().nodes()) {
                if (node.op() instanceof Parameter parameter) {
                    runner.write(parameter.path(), leaves.get(parameter.path()));
                } else if (leaves.containsKey(node.name())) {
                    runner.set(node.name(), leaves.get(node.name()));
                }
            }
            for (int step = 0; step < STEPS; step++) {
                runner.run();
                Map<String, HostTensor> results = new LinkedHashMap<>();
                grown.graph().outputs().keySet().forEach(name -> results.put(name, runner.output(name)));
                for (Node node : grown.graph().nodes()) {
                    if (node.op() instanceof Parameter parameter) {
                        results.put(parameter.path(), runner.state(parameter.path()));
                    }
                }
                steps.add(results);
            }
        }
        return steps;
    }

    private static Optional<Failure> sameBits(Grown grown, Map<String, List<Map<String, HostTensor>>> results) {
        List<Map<String, HostTensor>> planned = results.get("planned");
        for (int step = 0; step < STEPS; step++) {
            Optional<String> name = differing(results.get("fused").get(step), planned.get(step));
            if (name.isPresent()) {
                return Optional.of(new Failure("other bits", "step " + (step + 1) + ": " + name.get()
                        + " has other bits with memory planned than with slots of their own"));
            }
        }
        Optional<String> name = changes(grown) ? Optional.empty() : differing(planned.getFirst(), planned.getLast());
        return name.map(each -> new Failure("other bits again", each + " has other bits in the second step, which is the first again"));
    }

    private static boolean changes(Grown grown) {
        return !grown.graph().assignments().isEmpty();
    }

    private static Optional<String> differing(Map<String, HostTensor> one, Map<String, HostTensor> other) {
        return one.keySet().stream().filter(name -> one.get(name).memory().mismatch(other.get(name).memory()) >= 0).findFirst();
    }
}
