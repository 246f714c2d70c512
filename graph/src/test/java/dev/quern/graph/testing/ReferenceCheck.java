package dev.quern.graph.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Parameter;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import java.util.Random;
import org.assertj.core.data.Offset;

/** Holds a compiled graph of parameters alone to the references. */
public final class ReferenceCheck {
    private ReferenceCheck() {
    }

    /**
     * Runs a graph on a device and by the references, on the same random numbers, and compares every output.
     *
     * @param tolerance how far an element may be off, as a share of its output's largest
     */
    public static void assertLikeReference(Graph graph, Device device, CompileOptions options, double tolerance) {
        try (GraphRunner reference = GraphRunner.reference(graph); GraphRunner compiled = GraphRunner.on(device, graph, options)) {
            fill(graph, reference);
            fill(graph, compiled);
            for (String output : graph.outputs().keySet()) {
                HostTensor expected = reference.output(output);
                double scale = 1e-3;
                for (long i = 0; i < expected.shape().elements(); i++) {
                    scale = Math.max(scale, Math.abs(expected.get(i)));
                }
                for (long i = 0; i < expected.shape().elements(); i++) {
                    assertThat(compiled.output(output).get(i)).as("%s %s", output, i)
                            .isCloseTo(expected.get(i), Offset.offset(tolerance * scale));
                }
            }
        }
    }

    private static void fill(Graph graph, GraphRunner runner) {
        Random random = new Random(3);
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Parameter parameter) {
                HostTensor tensor = HostTensor.zeros(parameter.type().dtype(), parameter.type().shape());
                for (long i = 0; i < tensor.shape().elements(); i++) {
                    tensor.set(i, tensor.dtype().floating() ? random.nextGaussian() / 8 : random.nextInt(5));
                }
                runner.write(parameter.path(), tensor);
            }
        }
        runner.run();
    }
}
