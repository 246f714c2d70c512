package dev.quern.layers.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.runtime.testing.TestDevices;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Losses, optimizers, schedules and whole training steps give what PyTorch gives, on every device: the project's own cases,
 * and with {@code -Dquern.golden=DIR} those of another folder too.
 */
class GoldenTest {
    @TestFactory
    Stream<DynamicTest> ownCasesPass() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(GoldenTest.class.getResource("/golden")).toURI());
        List<DynamicTest> tests = tests(folder);
        assertThat(tests).as("cases and devices").hasSize(2 * 21);
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> theUsersCasesPass() throws IOException {
        String folder = System.getProperty("quern.golden", "");
        return folder.isEmpty() ? Stream.empty() : tests(Path.of(folder)).stream();
    }

    private static List<DynamicTest> tests(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(folder)) {
            files = found.filter(path -> path.toString().endsWith(".safetensors")).sorted().toList();
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (Path path : files) {
            GoldenFile golden = GoldenFile.read(path);
            GoldenCase.of(golden).ifPresent(known -> TestDevices.ids().forEach(id -> tests.add(DynamicTest.dynamicTest(
                    golden.name() + " on " + id, () -> known.check(TestDevices.shared(id))))));
        }
        return tests;
    }
}
