package dev.quern.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
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
            assertThat(peer.prepare(new PeerTask.Gemm(1, 1, 1, false, false, 1))).isEqualTo(new PeerProcess.Answer.Ready("sleeps a millisecond"));
            assertThat(Arrays.stream(peer.block(1, 3)).boxed()).hasSize(3).allMatch(nanos -> nanos >= 1_000_000);
            assertThat(peer.prepare(new PeerTask.Train("lenet", 64))).isEqualTo(new PeerProcess.Answer.Declined("cannot train"));
            // Then nothing is prepared, rather than what was prepared before.
            assertThatThrownBy(() -> peer.block(0, 1)).hasMessageContaining("nothing has been prepared");
        }
    }

    @Test
    void tensorsGoToAPeerAndBack() {
        try (PeerProcess peer = PeerProcess.start("sleeper", java(PeerServer.class.getName(), "sleeper"))) {
            peer.prepare(new PeerTask.Operation("copy", List.of(PeerInput.f32(2), PeerInput.i64(10, 3)), "def run(x0, x1):\n  return x0, x1", 1));
            HostTensor labels = HostTensor.zeros(DType.I64, Shape.of(3));
            labels.set(1, 7);
            assertThat(peer.outputs(List.of(HostTensor.of(Shape.of(2), 0.5f, -1f), labels)))
                    .containsExactly(new double[] {0.5, -1}, new double[] {0, 7, 0});
            peer.prepare(new PeerTask.Gemm(1, 1, 1, false, false, 1));
            assertThat(peer.outputs(List.of(HostTensor.of(Shape.of(1), 1f), HostTensor.of(Shape.of(1), 1f)))).isEmpty();
        }
    }

    @Test
    void aPeerThatEndsIsReportedWithItsLastWords() {
        try (PeerProcess peer = PeerProcess.start("missing", java("no.such.Main"))) {
            assertThatThrownBy(() -> peer.prepare(new PeerTask.Gemm(1, 1, 1, false, false, 1)))
                    .isInstanceOf(QuernException.class).hasMessageContaining("peer missing ended");
        }
    }
}
