package dev.quern.graph.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.grad.Gradients;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.testing.ReferenceCheck;
import dev.quern.runtime.DType;
import dev.quern.runtime.Device;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Pointwise work that rides on the results of kernels which only move or normalise rows. */
class EpilogueTest {
    /** Rows of a table by index, with a row for each place added, and the gradients of both tables. */
    private static Graph embedded() {
        GraphBuilder g = new GraphBuilder("embedded");
        Value table = g.parameter("table", DType.F32, Shape.of(9, 40));
        Value places = g.parameter("places", DType.F32, Shape.of(7, 40));
        Value sum = g.add(g.embedding(table, g.state("tokens", DType.I32, Shape.of(3, 7)), -1), places);
        g.output("sum", sum);
        Value loss = g.reduceSum(g.square(g.tanh(sum)), false);
        List<Value> gradients = Gradients.of(g, loss, List.of(table, places));
        g.output("dtable", gradients.get(0));
        g.output("dplaces", gradients.get(1));
        return g.build();
    }

    @ParameterizedTest
    @MethodSource("dev.quern.runtime.testing.TestDevices#ids")
    void whatIsAddedToGatheredRowsRidesOnThem(String id) {
        Device device = TestDevices.shared(id);
        Graph graph = embedded();
        CompileOptions options = CompileOptions.defaults();
        assertThat(Compiler.blueprint(graph, device.info(), options).explain()).contains("fused add into embedding")
                .contains("then add(x0, x1) with x1 = places");
        ReferenceCheck.assertLikeReference(graph, device, options.withGuarded(true), 1e-5);
        ReferenceCheck.assertLikeReference(graph, device, options.withFusion(false), 1e-5);
        assertThat(Compiler.blueprint(graph, device.info(), options.withApart(Set.of("add"))).explain())
                .contains("refused add into embedding: it is to stay apart");
    }
}
