package dev.quern.graph.ir;

import dev.quern.graph.op.Input;
import dev.quern.graph.op.Op;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.op.TensorType;
import java.util.stream.Collectors;

/** Prints a graph: a line a node with its operands, attributes, types and source line. The text depends on nothing else. */
public final class GraphText {
    private GraphText() {
    }

    /** The text of a graph. */
    public static String of(Graph graph) {
        StringBuilder text = new StringBuilder("graph ").append(graph.name()).append(" {\n");
        for (Node node : graph.nodes()) {
            text.append("  ").append(line(node)).append('\n');
        }
        graph.outputs().forEach((name, value) -> text.append("  output ").append(name).append(" = %").append(value.name())
                .append('\n'));
        return text.append("}\n").toString();
    }

    /** The text of a node. */
    public static String line(Node node) {
        Op op = node.op();
        StringBuilder text = new StringBuilder();
        if (!node.types().isEmpty()) {
            text.append('%').append(node.name()).append(" = ");
        }
        text.append(op.label());
        if (!node.inputs().isEmpty()) {
            text.append(node.inputs().stream().map(input -> "%" + input.name()).collect(Collectors.joining(", ", "(", ")")));
        }
        if (!op.attributes().isEmpty()) {
            text.append(" {").append(op.attributes()).append('}');
        }
        if (!node.types().isEmpty()) {
            text.append(" : ").append(node.types().stream().map(TensorType::toString).collect(Collectors.joining(", ")));
        }
        if (!(op instanceof Input || op instanceof Parameter || op instanceof StepScalar)) {
            text.append("  // ").append(node.source());
        }
        return text.toString();
    }
}
