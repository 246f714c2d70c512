package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
    @TempDir
    private Path folder;

    @Test
    void aKeptStepRunsAgainIsComparedAndDamageIsOneLine() throws IOException {
        TestDevices.shared("opencl:0");
        DigitFiles.write(folder, 64, 10);
        Path capsule = folder.resolve("step.capsule");
        String[] train = {"train", "lenet", "--device", "opencl:0", "--data", folder.toString(), "--epochs", "1", "--batch", "16",
            "--capsule", capsule.toString(), "--capsule-step"};
        CommandRun kept = CommandRun.of(append(train, "2"));
        assertThat(kept.code()).as(kept.err()).isZero();
        assertThat(kept.out()).contains("kept lenet, batch 16, seed 1: training step 2 in " + capsule);

        CommandRun same = CommandRun.of("replay", capsule.toString());
        assertThat(same.code()).as(same.err()).isZero();
        assertThat(same.out()).contains("training step 2, recorded on opencl:0").contains("bitwise equal: all 21 results");

        CommandRun elsewhere = CommandRun.of("replay", capsule.toString(), "--device", "host", "--all");
        assertThat(elsewhere.code()).as(elsewhere.err()).isZero();
        assertThat(elsewhere.out()).contains("bits may differ: it was recorded on opencl:0").contains("within 1.0E-4: ")
                .contains("results differ; the first is ");
        assertThat(CommandRun.of("replay", capsule.toString(), "--device", "host", "--tolerance", "0").code()).isEqualTo(1);

        CommandRun equal = CommandRun.of("bisect", capsule.toString(), capsule.toString());
        assertThat(equal.code()).as(equal.err()).isZero();
        assertThat(equal.out()).contains("0 not; 0 that only one stores");
        CommandRun apart = CommandRun.of("bisect", capsule.toString(), "--device", "host");
        assertThat(apart.code()).as(apart.err()).isEqualTo(1);
        assertThat(apart.out()).contains("first different: ").contains("(LeNet.java:").contains("  first      region ")
                .contains("  second     region ").contains("elements differ");
        assertThat(CommandRun.of("bisect", capsule.toString(), "--device", "host", "--tolerance", "1e-4").code()).isZero();
        CommandRun both = CommandRun.of("bisect", capsule.toString(), capsule.toString(), "--no-fusion");
        assertThat(both.code()).isEqualTo(2);
        assertThat(both.err().lines()).singleElement().asString().contains("give either OTHER or options");

        CommandRun late = CommandRun.of(append(train, "99"));
        assertThat(late.code()).isEqualTo(1);
        assertThat(late.err().lines()).singleElement().asString().contains("step 99 cannot be kept: training goes from step 1 to 4");

        Files.write(capsule, Arrays.copyOf(Files.readAllBytes(capsule), 1000));
        CommandRun cut = CommandRun.of("replay", capsule.toString());
        assertThat(cut.code()).isEqualTo(1);
        assertThat(cut.err().lines()).singleElement().asString().contains(capsule + ": is no capsule, or a truncated or damaged one");
    }

    private static String[] append(String[] arguments, String last) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = last;
        return all;
    }
}
