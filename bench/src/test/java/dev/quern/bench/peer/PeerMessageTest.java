package dev.quern.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PeerMessageTest {
    static PeerMessage[] messages() {
        return new PeerMessage[] {
            new PeerMessage.Prepare(new PeerTask.Gemm(512, 256, 128, true, false, 7)),
            new PeerMessage.Prepare(new PeerTask.Train("lenet", 64)),
            new PeerMessage.Prepare(new PeerTask.Operation("pick", List.of(PeerInput.f32(8, 64, 56, 56), PeerInput.i64(10, 64),
                    PeerInput.of(DType.F16, Shape.scalar()).in(-0.5, 1e-3)), "def run(x0, x1, x2):\n  return x0\n", 3)),
            new PeerMessage.Prepare(new PeerTask.Operation("softmax", List.of(PeerInput.f32(2, 3)), "def run(x):\n  return x\n",
                    "y = Softmax <axis = 1> (x0)", 1)),
            new PeerMessage.Compute("/tmp/a b", "/tmp/c"),
            new PeerMessage.Run(1, 20),
            new PeerMessage.Ready("OpenBLAS \"0.3\", 2 threads"),
            new PeerMessage.Declined("trains nothing"),
            new PeerMessage.Failed("out of memory\nsecond line"),
        };
    }

    @ParameterizedTest
    @MethodSource("messages")
    void whatIsWrittenIsReadBackAndIsOneLine(PeerMessage message) {
        assertThat(message.toLine()).doesNotContain("\n");
        assertThat(PeerMessage.ofLine(message.toLine())).isEqualTo(message);
    }

    @Test
    void timesAreReadBackInTheirOrder() {
        long[] nanos = new long[100];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = 5_000_000_000L - i;
        }
        assertThat(PeerMessage.ofLine(new PeerMessage.Times(nanos).toLine()))
                .isInstanceOfSatisfying(PeerMessage.Times.class, times -> assertThat(times.nanos()).isEqualTo(nanos));
    }

    @Test
    void outputsAreReadBackInTheirOrder() {
        assertThat(PeerMessage.ofLine(new PeerMessage.Outputs(new long[] {7, 1L << 40}).toLine()))
                .isInstanceOfSatisfying(PeerMessage.Outputs.class, outputs -> assertThat(outputs.elements()).containsExactly(7, 1L << 40));
    }

    @Test
    void anOperationCarriesItsArchiveForOtherLanguages() {
        PeerTask.Operation task = new PeerTask.Operation("relu", List.of(PeerInput.f32(2)), "def run(x):\n  return torch.relu(x)", 1);
        assertThat(new PeerMessage.Prepare(task).toLine()).contains("\"archive\":\""
                + Base64.getEncoder().encodeToString(TorchScript.archive(task.script(), 1)) + "\"");
    }

    @Test
    void aLineThatIsNoMessageIsRefused() {
        assertThatThrownBy(() -> PeerMessage.ofLine("{\"task\":\"dance\"}")).hasMessageContaining("dance");
        assertThatThrownBy(() -> PeerMessage.ofLine("{\"warm\":1}")).hasMessageContaining("runs");
    }
}
