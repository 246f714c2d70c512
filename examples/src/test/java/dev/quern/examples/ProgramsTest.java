package dev.quern.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.examples.programs.EmbedQuern;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ProgramsTest {
    @Test
    void embeddedQuernMultipliesAndClips() {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true));
        try {
            EmbedQuern.main(new String[0]);
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString().strip()).endsWith(": y = [6.0, 0.0, 2.0, 0.0]");
    }
}
