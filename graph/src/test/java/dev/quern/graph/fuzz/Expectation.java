package dev.quern.graph.fuzz;

import dev.quern.graph.interp.Interpreter;
import dev.quern.graph.ir.Graph;
import dev.quern.kernels.select.Families;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a graph comes to, and how far from it a device may be. The interpreter runs it in double precision, and some times over with
 * {@link NoisyArithmetic}. With s the most that an element strays from the reference among those runs, and S the root mean square
 * of s over its tensor, the element may be off by {@link #SLACK} (s + S) and a few units in the last place of the tensor's root mean
 * square. An integer may differ only where it does among the runs. Where a run or the reference is not finite, nothing is known of the
 * element.
 */
final class Expectation {
    private static final double SLACK = 4;
    private static final double FLOOR = 8 * 0x1p-24;
    /** Where the bound is this share of a tensor's size, little is said about it. */
    private static final double LOOSE = 1e-2;

    /** What the kernel families say. */
    static final Interpreter.Arithmetic REFERENCES = Interpreter.Arithmetic.references(Families.load());

    private final Graph graph;
    private final List<Run> runs = new ArrayList<>();
    private int loose;
    private int compared;

    /** A way through the graph with a state of its own. */
    private static final class Run {
        private final Interpreter interpreter;
        private final Map<String, HostTensor> leaves;
        private Map<String, HostTensor> outputs = Map.of();

        private Run(Interpreter.Arithmetic arithmetic, Map<String, HostTensor> leaves) {
            this.interpreter = Interpreter.inDouble(arithmetic);
            this.leaves = new HashMap<>(leaves);
        }

        private void step(Graph graph) {
            Interpreter.Result result = interpreter.run(graph, leaves);
            outputs = result.outputs();
            leaves.putAll(result.assigned());
        }

        private HostTensor tensor(String name) {
            return outputs.containsKey(name) ? outputs.get(name) : leaves.get(name);
        }
    }

    /**
     * What a graph comes to.
     *
     * @param leaves     inputs and state
     * @param references what operations mean
     * @param samples    how many noisy runs there are
     */
    Expectation(Graph graph, Map<String, HostTensor> leaves, Interpreter.Arithmetic references, int samples, long seed) {
        this.graph = graph;
        runs.add(new Run(references, leaves));
        for (int i = 0; i < samples; i++) {
            runs.add(new Run(new NoisyArithmetic(references, seed + i), leaves));
        }
    }

    /** Runs a step. */
    void step() {
        runs.forEach(run -> run.step(graph));
    }

    /** How many tensors were compared. */
    int compared() {
        return compared;
    }

    /** How many of them may differ by more than a hundredth of their size. */
    int loose() {
        return loose;
    }

    /** What is wrong with an output or a tensor of the state after the last step, if anything. */
    Optional<String> difference(String name, HostTensor actual) {
        HostTensor expected = runs.getFirst().tensor(name);
        int count = Math.toIntExact(expected.shape().elements());
        double[] stray = new double[count];
        double size = 0;
        double spread = 0;
        for (int i = 0; i < count; i++) {
            double reference = expected.get(i);
            for (Run run : runs) {
                stray[i] = Math.max(stray[i], Math.abs(run.tensor(name).get(i) - reference));
            }
            if (Math.abs(reference) > Float.MAX_VALUE || stray[i] > Float.MAX_VALUE) {
                stray[i] = Double.NaN;
            }
            if (Double.isFinite(stray[i])) {
                spread += stray[i] * stray[i] / count;
                size += reference * reference / count;
            }
        }
        spread = Math.sqrt(spread);
        size = Math.sqrt(size);
        compared++;
        loose += SLACK * spread > LOOSE * size ? 1 : 0;
        for (int i = 0; i < count; i++) {
            double bound = actual.dtype().floating() ? SLACK * (stray[i] + spread) + FLOOR * size + Float.MIN_NORMAL : stray[i];
            double reference = expected.get(i);
            // NaN among the runs says nothing; NaN of the device where they have none is wrong.
            if (Double.isFinite(bound) && !(Math.abs(actual.get(i) - reference) <= bound)) {
                return Optional.of(name + " " + actual + ": element " + i + " is " + actual.get(i) + ", expected " + reference
                        + " give or take " + bound);
            }
        }
        return Optional.empty();
    }
}
