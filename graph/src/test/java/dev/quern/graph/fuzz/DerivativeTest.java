package dev.quern.graph.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.interp.Interpreter;
import dev.quern.kernels.testing.Choices;
import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The gradients of random graphs against central differences of the loss along a random direction, all in double precision. Differences
 * over two distances must agree, or something jumps or bends between them and the graph says nothing.
 */
class DerivativeTest {
    private static final int GRAPHS = 150;
    private static final double STEP = 1e-5;
    /** Of the sizes of gradient and direction together. Constants of graphs are F32, those of derivatives too. */
    private static final double TOLERANCE = 2e-6;
    private static final double NOISE = 1e-9;
    private static final double LEAST_TELLING = 0.6;

    @Test
    @Tag("fuzz")
    void lossesChangeAsTheirGradientsSay() {
        FuzzSettings settings = FuzzSettings.read(GRAPHS);
        List<String> failures = new ArrayList<>();
        int[] telling = new int[2];
        settings.numbers().forEach(number -> {
            long seed = settings.seedOf(number);
            Grown grown = GraphGrower.grow("derivative" + number, Choices.random(seed, seed), true);
            if (grown.gradients().isEmpty()) {
                return;
            }
            telling[1]++;
            Optional<String> wrong = wrong(grown, seed);
            if (wrong.isEmpty()) {
                return;
            }
            telling[0]++;
            if (!wrong.get().isEmpty()) {
                Grown smallest = Shrinking.of(grown, choices -> GraphGrower.grow("smallest", choices, true),
                        simpler -> wrong(simpler, seed).map(text -> !text.isEmpty()).orElse(false));
                failures.add("\n" + settings.again(number) + ": " + wrong.get() + "\nsmallest: " + wrong(smallest, seed) + "\n" + smallest.graph());
            }
        });
        assertThat(failures).isEmpty();
        assertThat(telling[0]).as("of %s graphs with gradients, those that tell", telling[1])
                .isGreaterThanOrEqualTo((int) (LEAST_TELLING * telling[1]));
    }

    /** What is wrong: nothing where gradient and differences agree; empty where the differences do not tell. */
    private static Optional<String> wrong(Grown grown, long seed) {
        if (grown.gradients().isEmpty()) {
            return Optional.empty();
        }
        Map<String, HostTensor> point = LeafData.of(grown, seed);
        Map<String, HostTensor> direction = new HashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (String name : grown.gradients()) {
            HostTensor along = HostTensor.zeros(DType.F64, point.get(name).shape());
            for (long i = 0; i < along.shape().elements(); i++) {
                along.set(i, random.nextGaussian());
            }
            direction.put(name, along);
        }
        Map<String, HostTensor> here = run(grown, point, direction, 0);
        double derivative = 0;
        double size = 0;
        for (String name : grown.gradients()) {
            HostTensor gradient = here.get("grad." + name);
            for (long i = 0; i < gradient.shape().elements(); i++) {
                derivative += gradient.get(i) * direction.get(name).get(i);
                size += gradient.get(i) * gradient.get(i);
            }
        }
        double far = difference(grown, point, direction, STEP);
        double near = difference(grown, point, direction, STEP / 3);
        double scale = Math.sqrt(size) + Math.abs(near) + Math.abs(here.get("loss").get(0)) * NOISE / TOLERANCE;
        if (!(Math.abs(far - near) <= TOLERANCE * scale)) {
            return Optional.empty();
        }
        return Optional.of(Math.abs(derivative - near) <= 2 * TOLERANCE * scale ? ""
                : "the loss changes by " + near + ", its gradient says " + derivative);
    }

    private static double difference(Grown grown, Map<String, HostTensor> point, Map<String, HostTensor> direction, double step) {
        return (run(grown, point, direction, step).get("loss").get(0) - run(grown, point, direction, -step).get("loss").get(0)) / (2 * step);
    }

    private static Map<String, HostTensor> run(Grown grown, Map<String, HostTensor> point, Map<String, HostTensor> direction, double t) {
        Map<String, HostTensor> leaves = new HashMap<>(point);
        direction.forEach((name, along) -> {
            HostTensor moved = HostTensor.zeros(DType.F64, along.shape());
            for (long i = 0; i < along.shape().elements(); i++) {
                moved.set(i, point.get(name).get(i) + t * along.get(i));
            }
            leaves.put(name, moved);
        });
        return Interpreter.inDouble(Expectation.REFERENCES).run(grown.graph(), leaves).outputs();
    }
}
