package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LeNet learns on {@code cuda:0}, by the kernels, launches and graphs that a GPU gets, as it learns on {@code opencl:0}. */
@Tag("cuda-emulated")
class EmulatedTrainingTest {
    private static final int STEPS = 25;

    @TempDir
    private Path folder;

    private List<Double> losses(String device) throws IOException {
        TestDevices.fresh(device).close();
        Path report = folder.resolve(device.replace(':', '-') + ".json");
        CommandRun run = CommandRun.of("train", "lenet", "--device", device, "--epochs", "1", "--limit", "1600", "--lr", "0.1",
                "--seed", "1", "--json", report.toString());
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("device " + device);
        String steps = Files.readString(report).replaceAll("(?s).*\"step_losses\" : \\[([^\\]]*)\\].*", "$1");
        return Arrays.stream(steps.split(",")).map(text -> Double.valueOf(text.strip())).toList();
    }

    @Test
    void leNetLearnsAsItDoesOnOpenCl() throws IOException {
        List<Double> losses = losses("cuda:0");
        List<Double> expected = losses("opencl:0");
        assertThat(losses).hasSize(STEPS).hasSameSizeAs(expected);
        // Rounding differs between the two, and training amplifies it.
        for (int step = 0; step < STEPS; step++) {
            assertThat(losses.get(step)).as("loss of step " + step).isCloseTo(expected.get(step), within(step < 10 ? 1e-4 : 1e-2));
        }
        assertThat(mean(losses.subList(STEPS - 3, STEPS))).as("the last losses").isLessThan(mean(losses.subList(0, 3)) - 0.05);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
