package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {
    @TempDir
    private Path folder;

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void dumpWritesEachProgramAndWhatItsKernelsTake() throws IOException {
        TestDevices.shared("opencl:0");
        Path dump = folder.resolve("new/dump");
        CommandRun run = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "opencl:0", "--dump", dump.toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("platform OpenCL").contains("plan lenet-train").contains("resources.txt says what");
        List<String> files = names(dump);
        assertThat(files).contains("resources.txt").filteredOn(name -> name.startsWith("01-")).hasSize(2);
        assertThat(files.stream().filter(name -> name.endsWith(".cl"))).hasSizeGreaterThan(10);
        String first = files.stream().filter(name -> name.startsWith("01-") && name.endsWith(".cl")).findFirst().orElseThrow();
        assertThat(Files.readString(dump.resolve(first))).startsWith("// Program conv2d-forward/").contains("//   region 1 0, launch 1")
                .contains("node 0 conv2d (LeNet.java:").contains("#define ").contains("#line 1 \"prelude.cl\"").contains("Q_KERNEL");
        List<String> table = Files.readAllLines(dump.resolve("resources.txt"));
        assertThat(table.getFirst()).startsWith("KERNEL").contains("REGISTERS", "SHARED BYTES", "OCCUPANCY").endsWith("REGIONS");
        assertThat(table.get(1)).endsWith("1 0");
        assertThat(table.get(1)).contains("conv2d_forward").contains(first.replace(".cl", ""));
    }

    @Test
    void aLineAndANodeLeadToTheirRegions() {
        CommandRun node = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "host", "--node", "0.add");
        assertThat(node.code()).as(node.err()).isZero();
        assertThat(node.out()).contains("  1  0: conv2d-forward").contains("0.add (LeNet.java:").contains("fused 0.add into 0")
                .doesNotContain("  2  ").doesNotContain("9.add");
        CommandRun whole = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "host");
        String source = whole.out().replaceAll("(?s).*?nodes +0 \\((LeNet\\.java:\\d+)\\).*", "$1");
        CommandRun of = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "host", "--line", source);
        assertThat(of.code()).as(of.err()).isZero();
        assertThat(of.out()).contains("  1  0: conv2d-forward").contains("0.grad.conv2d_backward_weights").doesNotContain("softmax_cross_entropy: ");
        CommandRun none = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "host", "--line", "LeNet.java:9999");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err().lines()).singleElement().asString().contains("no region comes from line LeNet.java:9999").contains(source);
        CommandRun unknown = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "host", "--node", "conv9");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err().lines()).singleElement().asString().contains("no region, node or layer is called conv9");
    }

    @Test
    void dumpOnTheHostHasTheTableAndTheBytecodeOfPointwiseWork() throws IOException {
        CommandRun run = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "host", "--no-graph", "--dump", folder.toString());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(names(folder)).hasSize(2).contains("resources.txt");
        String listing = names(folder).getFirst();
        assertThat(listing).endsWith("-pointwise-bytecode.txt");
        assertThat(Files.readString(folder.resolve(listing))).contains("fload", "fmul");
    }

    @Test
    void aFolderThatCannotBeMadeIsOneLine() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "text");
        CommandRun run = CommandRun.of("explain", "lenet", "--batch", "2", "--device", "host", "--dump", file.toString());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().lines()).singleElement().asString().contains("--dump " + file);
    }

    @Test
    void aDeviceNumberThatThereIsNotIsOneLine() {
        CommandRun run = CommandRun.of("explain", "lenet", "--device", "cuda:99");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err().lines()).singleElement().asString().contains("\"cuda:99\"");
    }
}
