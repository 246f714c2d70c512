package dev.quern.layers.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.golden.GoldenComparison;
import dev.quern.runtime.Device;
import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Losses, optimizers, schedules and whole training steps give what PyTorch gives, on every device.
 * {@code -Dquern.golden=DIR} reads every case of another folder too, those of single ops among them: known ones must pass,
 * unknown ones are counted.
 */
class GoldenTest {
    @TestFactory
    Stream<DynamicTest> ownCasesPass() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(GoldenTest.class.getResource("/golden")).toURI());
        List<DynamicTest> tests = tests(folder);
        assertThat(tests).as("cases and devices").hasSize(36 * (int) TestDevices.ids().count());
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> theUsersCasesPass() throws IOException {
        String folder = System.getProperty("quern.golden", "");
        if (folder.isEmpty()) {
            return Stream.empty();
        }
        List<Path> files = files(Path.of(folder));
        List<DynamicTest> tests = new ArrayList<>(tests(Path.of(folder)));
        // What stands at the level of layers is compared there; the graph's own ops follow, a device at a time.
        Set<String> above = files.stream().map(GoldenFile::read).filter(golden -> GoldenCase.of(golden).isPresent())
                .map(GoldenFile::name).collect(Collectors.toCollection(TreeSet::new));
        Set<String> unknown = new TreeSet<>();
        TestDevices.ids().forEach(id -> tests.add(DynamicTest.dynamicTest("single ops on " + id,
                () -> singleOps(files, above, id, unknown))));
        tests.add(DynamicTest.dynamicTest("summary", () -> System.out.println("golden " + folder + ": " + files.size()
                + " cases, " + (files.size() - unknown.size()) + " compared, " + unknown.size() + " with unknown op: "
                + String.join(" ", unknown))));
        return tests.stream();
    }

    private static void singleOps(List<Path> files, Set<String> above, String id, Set<String> unknown) {
        Device device = TestDevices.shared(id);
        GoldenComparison comparison = new GoldenComparison();
        List<String> failures = new ArrayList<>();
        for (Path file : files) {
            Optional<List<String>> differences = comparison.compare(file, device);
            String name = file.getFileName().toString().replace(".safetensors", "");
            if (differences.isEmpty() && !above.contains(name)) {
                unknown.add(name);
            }
            differences.ifPresent(failures::addAll);
        }
        assertThat(failures).isEmpty();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(path -> path.toString().endsWith(".safetensors")).sorted().toList();
        }
    }

    private static List<DynamicTest> tests(Path folder) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path path : files(folder)) {
            GoldenFile golden = GoldenFile.read(path);
            GoldenCase.of(golden).ifPresent(known -> TestDevices.ids().forEach(id -> tests.add(DynamicTest.dynamicTest(
                    golden.name() + " on " + id, () -> known.check(TestDevices.shared(id))))));
        }
        return tests;
    }
}
