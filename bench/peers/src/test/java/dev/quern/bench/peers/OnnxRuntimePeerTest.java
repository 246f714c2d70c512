package dev.quern.bench.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.bench.peer.Peer;
import dev.quern.bench.peer.PeerInput;
import dev.quern.bench.peer.PeerTask;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxRuntimePeerTest {
    private final OnnxRuntimePeer peer = new OnnxRuntimePeer();

    private static HostTensor tensor(Shape shape, double... values) {
        HostTensor tensor = HostTensor.zeros(DType.F32, shape);
        for (int i = 0; i < values.length; i++) {
            tensor.set(i, values[i]);
        }
        return tensor;
    }

    @Test
    void aProductHasItsOperandsTransposed() throws Exception {
        // A is stored as [k,m], B as [n,k].
        try (Peer.Work work = peer.prepare(new PeerTask.Gemm(2, 1, 3, true, true, 1))) {
            assertThat(work.outputs(List.of(tensor(Shape.of(3, 2), 1, 2, 3, 4, 5, 6), tensor(Shape.of(1, 3), 1, 10, 100))))
                    .singleElement().isEqualTo(new double[] {531, 642});
            work.run();
        }
    }

    @Test
    void resultsComeInTheOrderInWhichTheyAreMade() throws Exception {
        String nodes = """
                axes = Constant <value_ints = [1]> ()
                y2 = ReduceSum <keepdims = 0> (x0, axes)
                twice = Add (x0, x0)
                y1, places = MaxPool <kernel_shape = [2, 1]> (twice)
                """;
        PeerTask task = new PeerTask.Operation("sums", List.of(PeerInput.f32(1, 1, 2, 2)), "", nodes, 1);
        try (Peer.Work work = peer.prepare(task)) {
            List<double[]> outputs = work.outputs(List.of(tensor(Shape.of(1, 1, 2, 2), 1, 2, 3, -4)));
            assertThat(outputs).containsExactly(new double[] {1, 2, 3, -4}, new double[] {6, 4});
        }
    }

    @Test
    void attributesAreNumbersTextsAndLists() {
        assertThat(OnnxNode.ofLines("y = Conv <pads = [1, -2], auto_pad = \"NOTSET\", group = 3, alpha = 1e-4, beta = 2.0> (x0, , x1)"))
                .containsExactly(new OnnxNode("Conv", List.of("x0", "", "x1"), List.of("y"),
                        Map.of("pads", List.of(1L, -2L), "auto_pad", "NOTSET", "group", 3L, "alpha", 1e-4f, "beta", 2f)));
    }

    @Test
    void whatItDoesNotDoIsDeclined() {
        assertThatThrownBy(() -> peer.prepare(new PeerTask.Train("lenet", 64))).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> peer.prepare(new PeerTask.Operation("scan", List.of(), "def run()", 1)))
                .isInstanceOf(UnsupportedOperationException.class).hasMessage("ONNX Runtime is not given scan");
        assertThatThrownBy(() -> OnnxNode.ofLines("Relu(x0)")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Relu(x0)");
    }
}
