package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadmeTest {
    private static final Path ROOT = Path.of("..");

    @ParameterizedTest
    @ValueSource(strings = {"TrainDigits", "EmbedQuern", "SwapKernels"})
    void theReadmeQuotesTheBodyOfTheProgram(String program) throws IOException {
        String source = Files.readString(ROOT.resolve("examples/src/main/java/dev/quern/examples/programs/" + program + ".java"));
        String body = source.substring(source.indexOf("    public static void main"), source.lastIndexOf("}\n"))
                .stripTrailing().stripIndent();
        assertThat(Files.readString(ROOT.resolve("README.md"))).contains(body);
    }
}
