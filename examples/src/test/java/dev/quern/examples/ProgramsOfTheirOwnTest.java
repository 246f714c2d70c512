package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.layers.random.RandomStream;
import dev.quern.layers.train.Metric;
import dev.quern.runtime.testing.TestDevices;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Programs that are no networks on batches of samples, in short. */
class ProgramsOfTheirOwnTest {
    private static List<Metric> run(ExampleProgram program, String id, StringWriter lines) {
        return program.run(new ExampleProgram.Surroundings(TestDevices.shared(id), 1, Optional.empty(), new PrintWriter(lines, true),
                () -> false));
    }

    @Test
    void clustersGatherDigitsMuchBetterThanChance() {
        StringWriter lines = new StringWriter();
        List<Metric> metrics = run(new KMeans(), "opencl:0", lines);
        assertThat(metrics.getFirst().name()).isEqualTo("purity");
        assertThat(metrics.getFirst().value()).isBetween(0.35, 1.0);
        List<Double> distances = lines.toString().lines().map(line -> Double.valueOf(line.replaceAll(".*distance ([0-9.]+).*", "$1"))).toList();
        assertThat(distances).isSortedAccordingTo((a, b) -> Double.compare(b, a)).hasSizeGreaterThan(1);
        assertThat(metrics.get(1).value()).isCloseTo(distances.getLast(), within(1e-3));
    }

    @Test
    void oneClusterIsTheMeanOfAll() {
        assertThat(run(new KMeans(1), "host", new StringWriter()).getFirst().value()).isBetween(0.1, 0.12);
    }

    @Test
    void aPoleLeftAloneFalls() {
        CartPole pole = new CartPole();
        pole.reset(new RandomStream(3, "test", 0));
        while (!pole.isOver()) {
            pole.step(1);
        }
        assertThat(pole.isFallen()).isTrue();
        assertThat(pole.steps()).isBetween(6, 14);
    }

    @Test
    void aFewThousandStepsTeachToBalanceLonger() {
        StringWriter lines = new StringWriter();
        Metric trained = run(new Dqn(6_000), "host", lines).getFirst();
        Metric untrained = run(new Dqn(0), "host", new StringWriter()).getFirst();
        assertThat(trained.name()).isEqualTo("mean_return");
        assertThat(trained.value()).isGreaterThan(3 * untrained.value());
        assertThat(lines.toString()).contains("step   2,000  mean return ");
    }
}
