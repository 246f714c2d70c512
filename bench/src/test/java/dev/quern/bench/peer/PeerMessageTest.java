package dev.quern.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PeerMessageTest {
    static PeerMessage[] messages() {
        return new PeerMessage[] {
            new PeerMessage.Prepare(new PeerTask.Gemm(512, 256, 128, 7)),
            new PeerMessage.Prepare(new PeerTask.Train("lenet", 64)),
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
    void aLineThatIsNoMessageIsRefused() {
        assertThatThrownBy(() -> PeerMessage.ofLine("{\"task\":\"dance\"}")).hasMessageContaining("dance");
        assertThatThrownBy(() -> PeerMessage.ofLine("{\"warm\":1}")).hasMessageContaining("runs");
    }
}
