package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
    @TempDir
    private Path folder;

    @Test
    void theTextReplacesTheFileAndNothingElseIsLeftBehind() throws IOException {
        Path path = folder.resolve("a.json");
        Files.writeString(path, "old");
        OutputFile file = OutputFile.require("--json", path);
        assertThat(path).hasContent("old");
        file.write("new");
        assertThat(path).hasContent("new");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(path);
        }
    }

    @Test
    void whoMayReadOtherNewFilesMayReadItToo() throws IOException {
        Path usual = Files.createFile(folder.resolve("usual"));
        Path file = folder.resolve("report.html");
        OutputFile.require("--html", file).write("<p>");
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(usual));
    }

    @Test
    void aMissingFolderIsFoundOutBeforehand() {
        assertThatThrownBy(() -> OutputFile.require("--json", folder.resolve("no").resolve("a.json")))
                .isInstanceOf(UsageException.class).hasMessageContaining("--json").hasMessageContaining("there is no folder");
    }

    @Test
    void aFolderInPlaceOfAFileIsFoundOutBeforehand() {
        assertThatThrownBy(() -> OutputFile.require("--json", folder)).isInstanceOf(UsageException.class)
                .hasMessageContaining("that is a folder");
    }
}
