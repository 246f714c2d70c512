package dev.quern.graph.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Texts that are kept in files: {@code -Dquern.text.rewrite=true} writes them anew instead of comparing. */
public final class GoldenText {
    private static final Path FOLDER = Path.of("src/test/resources/text");

    private GoldenText() {
    }

    /** Compares a text with the file of that name. */
    public static void check(String file, String text) {
        Path path = FOLDER.resolve(file);
        try {
            if (Boolean.getBoolean("quern.text.rewrite")) {
                Files.writeString(path, text);
            }
            assertThat(text).as("%s; run with -Dquern.text.rewrite=true if the change is meant", path)
                    .isEqualTo(Files.readString(path).replace("\r\n", "\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
