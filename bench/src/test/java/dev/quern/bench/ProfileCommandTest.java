package dev.quern.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ProfileCommandTest {
    @TempDir
    private Path folder;

    @Test
    void aStepThatDrawsRandomNumbersCanBeProfiled() {
        TestDevices.shared("opencl:0");
        StringWriter printed = new StringWriter();
        int code = new CommandLine(new ProfileCommand()).setOut(new PrintWriter(printed)).execute("mlp", "--device", "opencl:0",
                "--batch", "4", "--steps", "2", "--set", "dropout=0.5");
        assertThat(code).as(printed.toString()).isZero();
        assertThat(printed.toString()).contains("% is accounted for", "dropout");
    }

    @Test
    void ranksRegionsAndNamesLayersAndLines() throws IOException {
        TestDevices.shared("opencl:0");
        StringWriter printed = new StringWriter();
        Path trace = folder.resolve("trace.json");
        Path json = folder.resolve("profile.json");
        int code = new CommandLine(new ProfileCommand()).setOut(new PrintWriter(printed)).execute("lenet", "--device", "opencl:0",
                "--batch", "8", "--steps", "3", "--trace", trace.toString(), "--json", json.toString());
        assertThat(code).as(printed.toString()).isZero();
        assertThat(printed.toString()).contains("% is accounted for", "WAIT ms", "CEILING", "LeNet.java:", "conv2d-forward/", "LAYER");
        assertThat(Files.readString(trace)).contains("traceEvents");
        assertThat(Files.readString(json)).contains("\"covered\"").contains("\"lost_ms\"");
    }
}
