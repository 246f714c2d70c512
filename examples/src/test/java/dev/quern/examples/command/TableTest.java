package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCellAndNumbersStandToTheRight() {
        StringWriter text = new StringWriter();
        new Table("NAME", ">MS").row("packed", 1.5).row("x", 10).print(new PrintWriter(text, true));
        assertThat(text.toString().lines()).containsExactly("NAME     MS", "packed  1.5", "x        10");
    }
}
