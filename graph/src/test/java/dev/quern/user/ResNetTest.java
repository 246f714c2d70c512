package dev.quern.user;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.testing.GraphRunner;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Evaluation of a small residual network: what rides on convolutions gives the numbers of the ops one by one. */
class ResNetTest {
    private static final Graph GRAPH = ResNetModel.evaluation(2, 32, 8, 2, 1);

    private static void fill(GraphRunner runner) {
        Random random = new Random(5);
        for (Node node : GRAPH.nodes()) {
            if (node.op() instanceof Parameter || node.name().equals("x")) {
                boolean positive = node.name().contains("var") || node.name().contains("bn") && node.name().endsWith("weight");
                HostTensor tensor = HostTensor.zeros(DType.F32, node.output(0).shape());
                for (long i = 0; i < tensor.shape().elements(); i++) {
                    double value = random.nextGaussian();
                    tensor.set(i, positive ? 0.5 + Math.abs(value) : value / (node.name().contains("conv") ? 8 : 1));
                }
                if (node.op() instanceof Parameter) {
                    runner.write(node.name(), tensor);
                } else {
                    runner.set("x", tensor);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void fusedIsUnfusedIsReference(String id) {
        try (GraphRunner reference = GraphRunner.reference(GRAPH);
                GraphRunner fused = GraphRunner.on(TestDevices.shared(id), GRAPH, CompileOptions.defaults());
                GraphRunner unfused = GraphRunner.on(TestDevices.shared(id), GRAPH, CompileOptions.defaults().withFusion(false))) {
            for (GraphRunner runner : List.of(reference, fused, unfused)) {
                fill(runner);
                runner.run();
            }
            HostTensor expected = reference.output("logits");
            double scale = 0;
            for (long i = 0; i < expected.shape().elements(); i++) {
                scale = Math.max(scale, Math.abs(expected.get(i)));
            }
            assertThat(scale).isPositive();
            for (long i = 0; i < expected.shape().elements(); i++) {
                assertThat(fused.output("logits").get(i)).isCloseTo(expected.get(i), Offset.offset(2e-5 * scale));
                assertThat(unfused.output("logits").get(i)).isCloseTo(expected.get(i), Offset.offset(2e-5 * scale));
            }
        }
    }
}
