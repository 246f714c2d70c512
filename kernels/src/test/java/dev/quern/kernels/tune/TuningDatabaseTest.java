package dev.quern.kernels.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.kernels.Parameters;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TuningDatabaseTest {
    private static final TuningDatabase DATABASE = TuningDatabase.empty("user", "a device")
            .with(new TuningEntry("gemm f32 2x2x2 nn", "tiled", Parameters.none().with("TILE", 16).with("DEPTH", 8), "0123abcd", 0.125,
                    1.5))
            .with(new TuningEntry("a \"quoted\" problem", "naive", Parameters.none(), "ff", 2, 1));

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadAgain() {
        Path file = folder.resolve("below").resolve("tuning.json");
        DATABASE.write(file);
        assertThat(TuningDatabase.read("user", file)).contains(DATABASE);
        assertThat(file.getParent()).isDirectoryContaining(path -> path.equals(file));
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void entriesAreLinesInTheOrderOfTheirProblems() {
        assertThat(DATABASE.text().lines().filter(line -> line.contains("\"problem\"")))
                .hasSize(2).first().asString().contains("a \\\"quoted\\\" problem");
    }

    @Test
    void aLaterEntryReplacesAnEarlierOneOfTheSameProblem() {
        TuningEntry better = new TuningEntry("gemm f32 2x2x2 nn", "naive", Parameters.none(), "aa", 0.1, 2);
        assertThat(DATABASE.with(better).entries()).hasSize(2);
        assertThat(DATABASE.with(better).find("gemm f32 2x2x2 nn")).contains(better);
    }

    @Test
    void aFileThatIsNotThereIsNoDatabase() {
        assertThat(TuningDatabase.read("user", folder.resolve("none.json"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"format\": \"other\", \"device\": \"d\", \"entries\": []}",
        "{\"format\": \"quern-tuning-1\", \"entries\": []}",
        "{\"format\": \"quern-tuning-1\", \"device\": \"d\", \"entries\": [{\"problem\": \"p\"}]}",
        "{\"format\": \"quern-tuning-1\", \"device\": \"d\", \"entries\": [{\"problem\": \"p\", \"variant\": \"v\", \"source\": \"s\", "
                + "\"median_ms\": -1}]}"})
    void aDamagedFileIsNamedWithWhatToDo(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.json"), text);
        assertThatThrownBy(() -> TuningDatabase.read("user", file)).isInstanceOf(QuernException.class)
                .hasMessageContaining("bad.json").hasMessageContaining("tune again");
    }
}
