package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.quern.graph.capsule.Capsule;
import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.CustomOp;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractCommandTest {
    private static final String[] LENET = {"--batch", "8", "--device", "opencl:0"};

    @TempDir
    private Path folder;

    private record Program(int code, String output) {
    }

    private static CommandRun extract(String node, Path to, String... options) {
        return CommandRun.of(Stream.concat(Stream.of("extract", "lenet", node, to.toString()), Stream.of(options)).toArray(String[]::new));
    }

    private static Program start(Path folder, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Program(process.exitValue(), output);
    }

    private static List<Path> files(Path folder, String begin) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(begin)).sorted().toList();
        }
    }

    /** A region of two launches with a workspace; then with a wrong expectation, then with a kernel that does not compile. */
    @Test
    void aRegionRunsWithoutQuernAndSaysWhetherItIsRight() throws IOException, InterruptedException {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/cc"))).as("a C compiler").isTrue();
        TestDevices.shared("opencl:0");
        Path region = folder.resolve("new/region");
        CommandRun run = extract("3.grad.conv2d_backward_weights", region, LENET);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("region 3.grad.conv2d_backward_weights: conv2d-backward-weights/").contains("cc -O2");
        assertThat(Files.readString(region.resolve("manifest.json"))).contains("\"LeNet.java:").contains("\"arguments\"");
        Path kernel = files(region, "kernel-0").getFirst();
        assertThat(Files.readString(kernel)).startsWith("// Program conv2d-backward-weights/").contains("(LeNet.java:")
                .contains("Q_KERNEL");

        Program compiled = start(region, "/usr/bin/cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", "run", "run.c", "-ldl", "-lm");
        assertThat(compiled.code()).as(compiled.output()).isZero();
        Program right = start(region, "./run", "", "3");
        assertThat(right.code()).as(right.output()).isZero();
        assertThat(right.output()).contains("right: relative error").contains("bitwise equal").contains("median").contains("GFLOP/s");

        Path expected = files(region, "expected-0").getFirst();
        byte[] bytes = Files.readAllBytes(expected);
        bytes[3] ^= 0x3f;
        Files.write(expected, bytes);
        Program wrong = start(region, "./run", "", "3");
        assertThat(wrong.code()).as(wrong.output()).isEqualTo(1);
        assertThat(wrong.output()).contains("WRONG").contains("so not timed").doesNotContain("median");

        Files.writeString(kernel, "#error edited\n");
        Program broken = start(region, "./run", "", "3");
        assertThat(broken.code()).isEqualTo(2);
        assertThat(broken.output()).contains(kernel.getFileName().toString());
    }

    /** From a capsule, where the operation's class is not needed. */
    @Test
    void anOperationOfTheUsersOwnRunsAloneToo() throws IOException, InterruptedException {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/cc"))).as("a C compiler").isTrue();
        CustomOp cube = CustomOp.named("cube", inputs -> inputs, (_, _) -> { }).kernel(Dialect.PORTABLE, "cube", """
                Q_KERNEL void cube(Q_GLOBAL const float* x, Q_GLOBAL float* y, const int n) {
                    const int i = (int) Q_GLOBAL_ID(0);
                    if (i < n) { y[i] = x[i] * x[i] * x[i]; }
                }""", (_, outputs) -> CustomOp.overElements(outputs.getFirst()));
        GraphBuilder g = new GraphBuilder("cubes");
        g.output("y", g.custom(cube, g.input("x", DType.F32, Shape.of(3))));
        Graph graph = g.build();
        Device device = TestDevices.shared("opencl:0");
        Path capsule = folder.resolve("step.capsule");
        try (State state = State.create(device); Plan plan = Compiler.compile(graph, device, state, CompileOptions.defaults())) {
            plan.set("x", HostTensor.of(Shape.of(3), 1f, 2f, 3f));
            Capsule kept = Capsule.ofNextStep("cubes", graph, CompileOptions.defaults(), plan, state);
            try (OutputStream out = Files.newOutputStream(capsule)) {
                kept.writeTo(out);
            }
        }
        Path region = folder.resolve("region");
        CommandRun run = CommandRun.of("extract", capsule.toString(), "cube", region.toString(), "--device", "opencl:0");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Files.readString(files(region, "kernel-0").getFirst())).contains("void cube").contains("cube (");
        Program compiled = start(region, "/usr/bin/cc", "-O2", "-o", "run", "run.c", "-ldl", "-lm");
        assertThat(compiled.code()).as(compiled.output()).isZero();
        Program right = start(region, "./run", "", "3");
        assertThat(right.code()).as(right.output()).isZero();
        assertThat(right.output()).contains("right: relative error");
    }

    /** All parameters are read and written in place, so every run needs them anew. */
    @Test
    void whatIsUpdatedInPlaceIsPutBackForEachRun() throws IOException, InterruptedException {
        assumeThat(Files.isExecutable(Path.of("/usr/bin/cc"))).as("a C compiler").isTrue();
        TestDevices.shared("opencl:0");
        CommandRun run = extract("update", folder, LENET);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(files(folder, "expected-")).hasSize(20);
        Program compiled = start(folder, "/usr/bin/cc", "-O2", "-o", "run", "run.c", "-ldl", "-lm");
        assertThat(compiled.code()).as(compiled.output()).isZero();
        Program right = start(folder, "./run", "", "3");
        assertThat(right.code()).as(right.output()).isZero();
        assertThat(right.output().lines().filter(line -> line.contains("bitwise equal"))).hasSize(20);
    }

    @Test
    void whatCannotBeExtractedIsOneLine() throws IOException {
        CommandRun java = extract("#1", folder.resolve("a"), "--batch", "8", "--device", "host");
        assertThat(java.code()).isEqualTo(1);
        assertThat(java.err().lines()).singleElement().asString().contains("is not OpenCL C; extract it on an OpenCL device");
        CommandRun unknown = extract("conv9", folder.resolve("a"), "--batch", "8", "--device", "host");
        assertThat(unknown.code()).isEqualTo(1);
        assertThat(unknown.err().lines()).singleElement().asString().contains("no region, node or layer is called conv9")
                .contains("(#1 to #");
        assertThat(Files.exists(folder.resolve("a"))).isFalse();
        Files.writeString(folder.resolve("file"), "here");
        CommandRun full = extract("#1", folder, LENET);
        assertThat(full.code()).isEqualTo(1);
        assertThat(full.err().lines()).singleElement().asString().contains(folder + ": is not empty");
        CommandRun model = CommandRun.of("extract", "lenot", "#1", folder.resolve("b").toString());
        assertThat(model.code()).isEqualTo(2);
        assertThat(model.err().lines()).singleElement().asString().contains("no model is named lenot");
    }
}
