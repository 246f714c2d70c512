package dev.quern.examples.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void versionNamesTheProgramAndItsJava() {
        CommandRun run = CommandRun.of("--version");
        assertThat(run.code()).isZero();
        assertThat(run.out()).startsWith("quern ").contains("Java " + Runtime.version());
    }

    @Test
    void aMissingCommandIsWrongUsage() {
        CommandRun run = CommandRun.of();
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).isEqualToIgnoringNewLines("quern: a command is missing (see quern --help)");
    }

    @Test
    void anUnknownCommandIsWrongUsageAndTheNearestIsSuggested() {
        CommandRun run = CommandRun.of("devicez");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("devicez").contains("quern devices").doesNotContain("\tat ");
    }

    @Test
    void anUnknownOptionIsWrongUsage() {
        CommandRun run = CommandRun.of("devices", "--colour");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--colour").contains("quern devices --help").doesNotContain("\tat ");
    }

    @Test
    void stacktraceShowsWhereAnErrorCameFrom() {
        CommandRun run = CommandRun.of("--stacktrace", "devices", "--colour");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("\tat ");
    }

    @Test
    void devicesListsTheHostDeviceAndTellsWhichWouldBeChosen() {
        CommandRun run = CommandRun.of("devices");
        assertThat(run.code()).isZero();
        assertThat(run.out()).containsPattern("(?m)^host +built in").containsPattern("(?m)^auto: device ");
    }
}
