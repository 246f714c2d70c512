package dev.quern.graph.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.fuzz.GraphTrial.Failure;
import dev.quern.graph.interp.Interpreter;
import dev.quern.kernels.Problem;
import dev.quern.kernels.reduce.ReduceProblem;
import dev.quern.kernels.softmax.SoftmaxProblem;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.testing.TestDevices;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Where reference and device mean different things by an operation, random graphs show it, and little else is left in the smallest of them. */
class FaultTest {
    private static final int GRAPHS = 400;
    /** Of some 28: the smallest graph with a gradient is a parameter, an operation and its gradient, and two nodes of the loss. */
    private static final int NODES_LEFT = 5;

    /** The references, but for one element of what some problems come to. */
    private static Interpreter.Arithmetic faulty(Predicate<Problem> where, double factor) {
        return (problem, operands) -> {
            Expectation.REFERENCES.compute(problem, operands);
            if (where.test(problem)) {
                HostTensor result = operands.getLast();
                long last = result.shape().elements() - 1;
                result.set(last, result.get(last) * factor);
            }
        };
    }

    @Test
    void anElementOfReductionsThatIsALittleOffIsFoundAndIsolated() {
        isFoundAndIsolated(problem -> problem instanceof ReduceProblem, 1 + 1e-3, "reduce");
    }

    @Test
    void anElementOfSoftmaxThatIsALittleOffIsFoundAndIsolated() {
        isFoundAndIsolated(problem -> problem instanceof SoftmaxProblem, 1 + 1e-3, "softmax");
    }

    private static void isFoundAndIsolated(Predicate<Problem> where, double factor, String label) {
        Device device = TestDevices.shared("host");
        GraphTrial trial = new GraphTrial(device, faulty(where, factor));
        FuzzSettings settings = new FuzzSettings(1, GRAPHS, -1);
        for (int number = 0; number < GRAPHS; number++) {
            long seed = settings.seedOf(number);
            Grown grown = GraphGrower.grow("fault", Choices.random(seed, seed), false);
            boolean concerned = grown.graph().nodes().stream().anyMatch(node -> node.op().label().contains(label));
            Optional<Failure> failure = concerned ? trial.run(grown, seed) : Optional.empty();
            if (failure.isPresent()) {
                Grown smallest = Shrinking.of(grown, choices -> GraphGrower.grow("smallest", choices, false),
                        simpler -> trial.run(simpler, seed).isPresent());
                assertThat(smallest.graph().nodes()).as("%s", smallest.graph()).hasSizeLessThanOrEqualTo(NODES_LEFT)
                        .anyMatch(node -> node.op().label().contains(label));
                assertThat(new GraphTrial(device).run(smallest, seed)).isEmpty();
                return;
            }
        }
        fail("none of %s graphs shows a fault in %s", GRAPHS, label);
    }
}
