package dev.quern.graph.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.testing.FuzzSettings;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Equal graphs have equal plans, byte for byte, whatever the machine's hash codes, the order of unordered sets, or other threads. */
class DeterminismTest {
    private static final int GRAPHS = 40;
    private static final int THREADS = 4;
    private static final long SEED = 5;

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    @Tag("fuzz")
    void plansAreTheSameBytesInEveryProcessAndThread(String id) throws IOException, InterruptedException {
        FuzzSettings settings = new FuzzSettings(SEED, FuzzSettings.read(GRAPHS).cases(), -1);
        Device device = TestDevices.shared(id);
        // Immutable sets and maps are walked in an order that each process draws anew.
        List<Process> processes = List.of(start(id, settings, "-XX:hashCode=2"), start(id, settings, "-XX:hashCode=3"));
        List<List<String>> all = new ArrayList<>(Collections.nCopies(THREADS, null));
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            threads.add(Thread.ofPlatform().start(() -> all.set(thread, inSomeOrder(settings, thread, device))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        for (Process process : processes) {
            List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> line.matches("\\d+ [0-9a-f]{64}")).toList();
            assertThat(process.waitFor()).as("exit of %s", process.info()).isZero();
            all.add(lines);
        }
        assertThat(all.getFirst()).hasSize(settings.cases()).doesNotHaveDuplicates();
        assertThat(all).allSatisfy(lines -> assertThat(lines).isEqualTo(all.getFirst()));
    }

    private static List<String> inSomeOrder(FuzzSettings settings, int thread, Device device) {
        List<Integer> numbers = new ArrayList<>(settings.numbers().boxed().toList());
        Collections.shuffle(numbers, new Random(thread));
        String[] lines = new String[settings.cases()];
        numbers.forEach(number -> lines[number] = PlanDigests.of(settings, number, device.info()));
        return Arrays.asList(lines);
    }

    private static Process start(String id, FuzzSettings settings, String hashing) throws IOException {
        List<String> command = Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-XX:+UnlockExperimentalVMOptions", hashing, "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), PlanDigests.class.getName(), id, Long.toString(settings.seed()),
                Integer.toString(settings.cases())).toList();
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
