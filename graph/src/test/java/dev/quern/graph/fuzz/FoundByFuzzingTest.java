package dev.quern.graph.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.graph.op.Value;
import dev.quern.runtime.DType;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs in which random ones once showed a defect, made smaller. */
class FoundByFuzzingTest {
    private static void agrees(String id, GraphBuilder g) {
        Grown grown = new Grown(g.build(), Map.of(), List.of(), List.of(), List.of());
        assertThat(new GraphTrial(TestDevices.shared(id)).run(grown, 1)).isEmpty();
    }

    /** The gradient's second result was an operand of what rode on its first, before it was there. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void noResultOfANodeRidesOnAnother(String id) {
        GraphBuilder g = new GraphBuilder("norm by itself");
        Value p = g.parameter("p", DType.F32, Shape.of(1, 1, 2));
        Value y = g.rmsNorm(p, g.reshape(p, 2), 0.01);
        g.output("gradient", Gradients.of(g, g.reduceMean(g.tanh(y), false), List.of(p)).getFirst());
        agrees(id, g);
    }

    /** The relu was moved behind the pooling, which takes F32 alone. */
    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void whatPoolingCannotReadIsConvertedBeforeIt(String id) {
        GraphBuilder g = new GraphBuilder("pooled halves");
        Value x = g.cast(g.input("x", DType.F32, Shape.of(1, 2, 4, 4)), DType.BF16);
        g.output("y", g.maxPool2d(g.relu(x), Pool2dAttributes.kernel(2)));
        agrees(id, g);
    }
}
