package dev.quern.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.quern.runtime.testing.TestDevices;

class LeakReportTest {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @BeforeEach
    void captureTheLog() {
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setErr(before);
        System.clearProperty("quern.leaks");
    }

    private String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void closingADeviceNamesTheMemoryThatIsStillOpen() {
        Device device = TestDevices.fresh("host");
        device.allocate(2048, "closed").close();
        device.allocate(3 << 20, "forgotten");
        device.close();
        assertThat(log()).contains("host: 1 allocations (3.0 MiB)").contains("leaked \"forgotten\"").contains("-Dquern.leaks=true")
                .doesNotContain("\"closed\"").doesNotContain("\tat ");
    }

    @Test
    void withStacksItSaysWhereTheMemoryWasAllocated() {
        System.setProperty("quern.leaks", "true");
        try (Device device = TestDevices.fresh("host")) {
            device.allocate(64, "forgotten");
        }
        assertThat(log()).contains("leaked \"forgotten\"").contains("\tat ")
                .contains("LeakReportTest.withStacksItSaysWhereTheMemoryWasAllocated");
    }

    @Test
    void aDeviceWithNothingOpenSaysNothing() {
        try (Device device = TestDevices.fresh("host"); Memory memory = device.allocate(64, "data")) {
            assertThat(memory.closed()).isFalse();
        }
        assertThat(log()).isEmpty();
    }

    @Test
    void aDeviceThatIsLostIsReported() throws InterruptedException {
        lose();
        for (int attempt = 0; attempt < 100 && !log().contains("lost"); attempt++) {
            System.gc();
            Thread.sleep(20);
        }
        assertThat(log()).contains("host: the device was never closed").contains("leaked \"lost with it\"");
    }

    private static void lose() {
        TestDevices.fresh("host").allocate(64, "lost with it");
    }
}
