package dev.quern.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class WhatIfCommandTest {
    private static int run(StringWriter printed, String... arguments) {
        return new CommandLine(new WhatIfCommand()).setOut(new PrintWriter(printed)).setErr(new PrintWriter(printed)).execute(arguments);
    }

    @Test
    void tellsWhatChangedAndWhatItIsWorth() {
        StringWriter printed = new StringWriter();
        int code = run(printed, "lenet", "--device", "host", "--batch", "8", "--quick", "--no-fusion-at", "10.relu");
        assertThat(code).as(printed.toString()).isZero();
        assertThat(printed.toString()).contains("+ 10.relu: pointwise").contains("as it is").contains("changed")
                .containsPattern("(SAME|FASTER|SLOWER|AMBIGUOUS): \\d+\\.\\d+ times as long, 95% interval");
    }

    @Test
    void needsAChange() {
        StringWriter printed = new StringWriter();
        assertThat(run(printed, "lenet", "--device", "host")).isNotZero();
        assertThat(printed.toString()).contains("nothing is changed").contains("--pin NODE=VARIANT");
    }
}
