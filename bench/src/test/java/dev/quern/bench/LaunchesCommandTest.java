package dev.quern.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.testing.TestDevices;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LaunchesCommandTest {
    @Test
    void printsWhatALaunchCostsTheHostEmptyAndInAStep() {
        TestDevices.shared("opencl:0");
        StringWriter printed = new StringWriter();
        int code = new CommandLine(new LaunchesCommand()).setOut(new PrintWriter(printed)).execute("lenet", "--device", "opencl:0",
                "--batch", "8", "--replays", "5");
        assertThat(code).as(printed.toString()).isZero();
        List<String> rows = printed.toString().lines().filter(line -> line.matches("(empty|lenet, batch 8) .*")).toList();
        assertThat(rows).hasSize(2).allSatisfy(row -> {
            String[] cells = row.strip().split("  +");
            assertThat(cells).hasSize(8);
            assertThat(Double.parseDouble(cells[2])).as("the least").isPositive().isLessThanOrEqualTo(Double.parseDouble(cells[3]));
            assertThat(Double.parseDouble(cells[7])).as("the whole replay").isGreaterThan(Double.parseDouble(cells[2]));
        });
    }
}
