package dev.quern.graph.capsule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.CustomOp;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.graph.testing.LeNetStep;
import dev.quern.kernels.select.Pins;
import dev.quern.runtime.Argument;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CapsuleTest {
    @TempDir
    private Path folder;

    private static byte[] bytes(Capsule capsule) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        capsule.writeTo(out);
        return out.toByteArray();
    }

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("step.capsule"), bytes);
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void aStepComesBackFromItsFileAndRunsAgainBitForBit(String id) throws IOException {
        Device device = TestDevices.shared(id);
        CompileOptions options = CompileOptions.defaults().withPins(Pins.none().with("gemm", id.equals("host") ? "host_naive" : "naive"));
        Capsule kept = LeNetStep.on(device, options);
        byte[] written = bytes(kept);
        Capsule read = Capsule.read(file(written));
        assertThat(bytes(read)).isEqualTo(written).isEqualTo(bytes(LeNetStep.on(device, options)));
        assertThat(read.graph()).hasToString(kept.graph().toString());
        assertThat(read.options()).isEqualTo(options);
        assertThat(read.made()).isEqualTo(kept.made());
        assertThat(read.made().regions()).anySatisfy(region -> assertThat(region.variant()).endsWith("naive"));
        assertThat(read.after()).hasSize(20);

        Replay replay = Replay.run(read, device);
        assertThat(replay.foreign()).isEmpty();
        assertThat(replay.changes()).isEmpty();
        assertThat(replay.results()).hasSize(21);
        assertThat(replay.firstDifferent()).isEmpty();
        assertThat(replay.holds(0)).isTrue();
    }

    @Test
    void anotherDeviceIsHeldToATolerance() {
        Capsule kept = LeNetStep.on(TestDevices.shared("opencl:0"), CompileOptions.defaults());
        Replay replay = Replay.run(kept, TestDevices.shared("host"));
        assertThat(replay.foreign()).contains("recorded on opencl:0");
        assertThat(replay.changes()).isNotEmpty();
        assertThat(replay.isBitwise()).isFalse();
        assertThat(replay.holds(1e-4)).isTrue();
        assertThat(replay.holds(1e-12)).isFalse();
    }

    @Test
    void theFirstResultThatCameOutOtherwiseIsNamed() {
        Device device = TestDevices.shared("host");
        Capsule kept = LeNetStep.on(device, CompileOptions.defaults());
        TreeMap<String, HostTensor> after = new TreeMap<>(kept.after());
        String path = after.firstKey();
        HostTensor wrong = HostTensor.of(DType.F32, after.get(path).shape(), after.get(path).memory());
        wrong.set(1, Double.NaN);
        after.put(path, wrong);
        Replay replay = Replay.run(new Capsule(kept.note(), kept.graph(), kept.options(), kept.made(), kept.inputs(), kept.before(),
                kept.outputs(), after), device);
        assertThat(replay.holds(1e9)).isFalse();
        Replay.Result first = replay.firstDifferent().orElseThrow();
        assertThat(first.name()).isEqualTo("state " + path);
        assertThat(first.difference().index()).isEqualTo(1);
        assertThat(first.difference().within(1e9)).as("NaN is no small difference").isFalse();
        assertThat(first.difference().count()).isEqualTo(1);
    }

    /** A small step with random numbers. */
    private static Capsule noise(Device device) {
        GraphBuilder g = new GraphBuilder("noise");
        g.output("y", g.dropout(g.input("x", DType.F32, Shape.of(100)), 0.5));
        Graph graph = g.build();
        try (State state = State.create(device); Plan plan = Compiler.compile(graph, device, state, CompileOptions.defaults())) {
            plan.input("x").fill((byte) 1);
            plan.setRandom(0x1234_5678_9abcL, 42);
            return Capsule.ofNextStep("noise", graph, CompileOptions.defaults(), plan, state);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void randomNumbersAreDrawnAgain(String id) {
        Device device = TestDevices.shared(id);
        Capsule kept = noise(device);
        assertThat(Replay.run(kept, device).isBitwise()).isTrue();
        TreeMap<String, HostTensor> other = new TreeMap<>(kept.inputs());
        other.put("random.key", HostTensor.of(Shape.of(4), 1, 2, 3, 4));
        assertThat(Replay.run(new Capsule(kept.note(), kept.graph(), kept.options(), kept.made(), other, kept.before(), kept.outputs(),
                kept.after()), device).isBitwise()).isFalse();
    }

    private static CustomOp scaled(boolean text) {
        CustomOp op = CustomOp.named("scaled", inputs -> inputs, (inputs, outputs) -> {
            for (long i = 0; i < inputs.getFirst().shape().elements(); i++) {
                outputs.getFirst().set(i, 3 * inputs.getFirst().get(i));
            }
        }).gradient(backward -> backward.to(0, backward.emit().mul(backward.gradient(), backward.emit().constant(3))));
        return text ? op.kernel(Dialect.PORTABLE, "scaled", """
                Q_KERNEL void scaled(Q_GLOBAL const float* x, Q_GLOBAL float* y, const int n, const float factor) {
                    const int i = (int) Q_GLOBAL_ID(0);
                    if (i < n) { y[i] = factor * x[i]; }
                }""", (inputs, outputs) -> new CustomOp.CustomLaunch(Grid.covering(40, 64), List.of(new Argument.I32(40), new Argument.F32(3))))
                : op;
    }

    /** A training step through an operation of the user's own. */
    private static Capsule custom(Device device, boolean text) {
        GraphBuilder g = new GraphBuilder("custom");
        Value w = g.parameter("w", DType.F32, Shape.of(40));
        Value loss = g.reduceSum(g.square(g.custom(scaled(text), g.mul(w, g.input("x", DType.F32, Shape.of(40))))), false);
        g.output("loss", loss);
        g.assign(w, g.sub(w, g.mul(g.constant(0.01), Gradients.of(g, loss, List.of(w)).getFirst())));
        Graph graph = g.build();
        try (State state = State.create(device); Plan plan = Compiler.compile(graph, device, state, CompileOptions.defaults())) {
            HostTensor values = HostTensor.zeros(DType.F32, Shape.of(40));
            for (int i = 0; i < 40; i++) {
                values.set(i, 0.1 * i - 2);
            }
            state.write("w", values);
            plan.set("x", values);
            return Capsule.ofNextStep("custom", graph, CompileOptions.defaults(), plan, state);
        }
    }

    /** The file holds the user's kernel, so that it runs where the user's classes are not. */
    @Test
    void anOperationOfTheUsersOwnComesBackWithItsKernels() throws IOException {
        Device device = TestDevices.shared("opencl:0");
        byte[] written = bytes(custom(device, true));
        Capsule read = Capsule.read(file(written));
        assertThat(bytes(read)).isEqualTo(written);
        Replay replay = Replay.run(read, device);
        assertThat(replay.foreign()).isEmpty();
        assertThat(replay.changes()).isEmpty();
        assertThat(replay.isBitwise()).isTrue();
        Bisection bisection = Bisection.of(new Bisection.Run(read, device, CompileOptions.defaults()),
                new Bisection.Run(read, device, CompileOptions.defaults().withFusion(false)));
        assertThat(bisection.compared()).extracting(each -> each.value().name()).contains("scaled");
        assertThat(bisection.different(1e-6)).isZero();
        assertThatThrownBy(() -> Replay.run(read, TestDevices.shared("host"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("scaled").hasMessageContaining("not its code in Java");
    }

    @Test
    void anOperationOfTheUsersOwnWithoutAKernelIsRefusedByName() {
        Capsule capsule = custom(TestDevices.shared("host"), false);
        assertThatThrownBy(() -> capsule.writeTo(new ByteArrayOutputStream())).isInstanceOf(QuernException.class)
                .hasMessageMatching("scaled \\(.*\\): is an operation of the user's own without a kernel's text.*");
    }

    @Test
    void filesThatAreNoCapsuleSaySo() throws IOException {
        assertThatThrownBy(() -> Capsule.read(folder)).isInstanceOf(QuernException.class).hasMessageContaining("is a folder");
        assertThatThrownBy(() -> Capsule.read(folder.resolve("none"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("does not exist");
        Path text = file("<html></html>".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Capsule.read(text)).isInstanceOf(QuernException.class).hasMessageContaining("is no capsule");
        assertThatThrownBy(() -> Capsule.read(zip("other.txt", "x"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("it has no capsule.json");
        assertThatThrownBy(() -> Capsule.read(zip("capsule.json", "{\"capsule\": 7}"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("format 7, this Quern reads format 2");
        assertThatThrownBy(() -> Capsule.read(zip("capsule.json", "{\"capsule\": 2}"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("Manifest lacks its note");
        assertThatThrownBy(() -> Capsule.read(zip("capsule.json", "{\"capsule\": 2, \"graph\": {"))).isInstanceOf(QuernException.class)
                .hasMessageContaining("is not JSON");
    }

    private Path zip(String name, String content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return file(out.toByteArray());
    }

    /** Whatever byte is another or missing: the same capsule, or one clear refusal. */
    @Test
    void damageIsNoticedWhereverItIs() throws IOException {
        byte[] whole = bytes(noise(TestDevices.shared("host")));
        Random random = new Random(3);
        int refused = 0;
        for (int trial = 0; trial < 300; trial++) {
            byte[] bytes = trial % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            if (trial % 3 != 0) {
                // The end holds the names and checks of all entries, so it gets its share.
                int at = trial % 3 == 1 ? random.nextInt(whole.length) : whole.length - 1 - random.nextInt(300);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
            }
            Path file = file(bytes);
            try {
                assertThat(bytes(Capsule.read(file))).isEqualTo(whole);
            } catch (QuernException e) {
                assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(150);
    }
}
