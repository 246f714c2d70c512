package dev.quern.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.examples.command.UsageException;
import dev.quern.kernels.tune.Tuning;
import dev.quern.kernels.tune.TuningDatabase;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TuneCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter printed = new StringWriter();

    private int tune(String... arguments) {
        CommandLine line = new CommandLine(new TuneCommand()).setOut(new PrintWriter(printed));
        return line.execute(arguments);
    }

    @Test
    void keepsWhatItFindsAndDoesNotLookTwice() {
        TestDevices.shared("opencl:0");
        Path file = folder.resolve("tuning.json");
        String[] arguments = {"gemm", "--filter", "64x10x84", "--device", "opencl:0", "--budget", "1", "--out", file.toString()};
        assertThat(tune(arguments)).isZero();
        TuningDatabase database = TuningDatabase.read("user", file).orElseThrow();
        assertThat(database.entries()).containsOnlyKeys("gemm f32 64x10x84 nn");
        assertThat(printed.toString()).contains("64x10x84").contains("tried").contains("1 of 1 cases tuned");
        assertThat(tune(arguments)).isZero();
        assertThat(printed.toString()).contains("has a result that holds");
        assertThat(TuningDatabase.read("user", file)).contains(database);
    }

    @Test
    void aDatabaseOfAnotherDeviceIsNotMixedWithThisOnes() {
        TestDevices.shared("opencl:0");
        Path file = folder.resolve("other.json");
        TuningDatabase.empty("user", "another device").write(file);
        assertUsage("another device", "gemm", "--filter", "64x10x84", "--device", "opencl:0", "--out", file.toString());
    }

    @Test
    void wrongUsageIsToldBeforeAnythingIsMeasured() throws IOException {
        assertUsage("no cases of a family gem;", "gem");
        assertUsage("is like [nothing]", "gemm", "--filter", "nothing");
        assertUsage("at least 1 second", "gemm", "--budget", "0");
        assertUsage("needs --out", "gemm", "--for-class");
        assertUsage("cannot be read", "gemm", "--cases", folder.resolve("none").toString());
        assertUsage("names no case", "gemm", "--cases", Files.writeString(folder.resolve("empty"), "# nothing\n\n").toString());
    }

    /** The exception, because picocli's own handler would print it. */
    private void assertUsage(String message, String... arguments) {
        TuneCommand command = new TuneCommand();
        CommandLine line = new CommandLine(command).setOut(new PrintWriter(printed));
        line.parseArgs(arguments);
        assertThatThrownBy(command::call).isInstanceOf(UsageException.class).hasMessageContaining(message);
    }

    @Test
    void theUsersDatabaseLiesInAFolderOfItsOwn() {
        assertThat(Tuning.userFile(TestDevices.shared("host").info()).getParent()).hasFileName("tuning");
    }
}
