package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTableTest {
    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("table.csv"), text);
    }

    @Test
    void everyFifthRowIsForTestingAndFeaturesAreScaledByTheOthers() throws IOException {
        Split<NumberTable> split = CsvTable.read(file("a,b,y\n1,5,10\n3, 5,20\n\n1,5,30\n3,5,1e2\n5,6,50\n"));
        assertThat(split.train().size()).isEqualTo(4);
        assertThat(split.test().size()).isEqualTo(1);
        assertThat(split.train().features()).isEqualTo(2);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment x = arena.allocate(16);
            MemorySegment y = arena.allocate(8);
            split.train().copy(3, 1, List.of(x, y));
            assertThat(x.getAtIndex(ValueLayout.JAVA_FLOAT, 2)).isCloseTo(1, within(1e-6f));
            assertThat(x.getAtIndex(ValueLayout.JAVA_FLOAT, 3)).as("a feature that never changes").isZero();
            assertThat(y.getAtIndex(ValueLayout.JAVA_FLOAT, 1)).isEqualTo(100);
            split.test().copy(0, 0, List.of(x, y));
            assertThat(x.getAtIndex(ValueLayout.JAVA_FLOAT, 0)).isCloseTo(3, within(1e-6f));
            assertThat(x.getAtIndex(ValueLayout.JAVA_FLOAT, 1)).isCloseTo(1, within(1e-6f));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''|line 1: expected the names of at least two columns",
        "a;1;2|line 1: expected the names of at least two columns",
        "a,y;1,2;3|line 3 has 1 cells, line 1 names 2 columns",
        "a,age,y;1,2,3;1,old,3|line 3, column age: 'old' is no finite number",
        "a,y;1,;1,2|line 2, column y: '' is no finite number",
        "a,y;1,NaN|line 2, column y: 'NaN' is no finite number",
        "a,y;1,2;3,4|2 samples; at least 5 are needed"})
    void whatIsWrongIsNamedByLineAndColumn(String text, String message) throws IOException {
        Path file = file(text.replace(';', '\n'));
        assertThatThrownBy(() -> CsvTable.read(file)).isInstanceOf(QuernException.class).hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @Test
    void aFileThatIsMissingOrNoTextIsRefused() throws IOException {
        assertThatThrownBy(() -> CsvTable.read(folder.resolve("none"))).hasMessageContaining("is no file");
        assertThatThrownBy(() -> CsvTable.read(folder)).hasMessageContaining("is no file");
        Path file = folder.resolve("bytes");
        Files.write(file, "a,ä\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> CsvTable.read(file)).hasMessageContaining("not text in UTF-8");
    }
}
