package dev.quern.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LadderCommandTest {
    @TempDir
    private Path folder;

    @Test
    void showsEveryRungWithItsReasonAsTextPictureAndMachineCode() throws IOException {
        TestDevices.shared("opencl:0");
        StringWriter printed = new StringWriter();
        Path svg = folder.resolve("ladder.svg");
        Path html = folder.resolve("ladder.html");
        Path assembly = folder.resolve("assembly");
        int code = new CommandLine(new LadderCommand()).setOut(new PrintWriter(printed)).execute("gemm", "--case", "64x10x84", "--device",
                "opencl:0", "--svg", svg.toString(), "--html", html.toString(), "--assembly", assembly.toString());
        assertThat(code).as(printed.toString()).isZero();
        List<String> rungs = List.of("naive", "tiled", "packed_cpu");
        assertThat(printed.toString()).contains(rungs).contains("CEILING").contains(" *").contains("read once a tile");
        assertThat(Files.readString(svg)).startsWith("<svg").contains(rungs).endsWith("</svg>\n");
        assertThat(Files.readString(html)).contains("<svg").contains("read once a tile").doesNotContain("http://fonts", "<script src", "<link");
        try (Stream<Path> files = Files.list(assembly)) {
            assertThat(files.map(file -> file.getFileName().toString())).anyMatch(name -> name.matches("gemm-packed_cpu.*\\.(so|ptx|bin)"));
        }
    }
}
