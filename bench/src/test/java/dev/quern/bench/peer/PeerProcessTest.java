package dev.quern.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerProcessTest {
    private static List<String> java(String... more) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(more));
        return command;
    }

    @Test
    void aPeerInItsOwnProcessPreparesAndTimesRuns() {
        try (PeerProcess peer = PeerProcess.start("sleeper", java(PeerServer.class.getName(), "sleeper"))) {
            assertThat(peer.prepare(new PeerTask.Gemm(1, 1, 1, 1))).isEqualTo(new PeerProcess.Answer.Ready("sleeps a millisecond"));
            assertThat(Arrays.stream(peer.block(1, 3)).boxed()).hasSize(3).allMatch(nanos -> nanos >= 1_000_000);
            assertThat(peer.prepare(new PeerTask.Train("lenet", 64))).isEqualTo(new PeerProcess.Answer.Declined("cannot train"));
            // Then nothing is prepared, rather than what was prepared before.
            assertThatThrownBy(() -> peer.block(0, 1)).hasMessageContaining("nothing has been prepared");
        }
    }

    @Test
    void aPeerThatEndsIsReportedWithItsLastWords() {
        try (PeerProcess peer = PeerProcess.start("missing", java("no.such.Main"))) {
            assertThatThrownBy(() -> peer.prepare(new PeerTask.Gemm(1, 1, 1, 1)))
                    .isInstanceOf(QuernException.class).hasMessageContaining("peer missing ended");
        }
    }
}
