package dev.quern.graph.ir;

import dev.quern.graph.op.CustomOp;
import dev.quern.graph.op.IllegalOperandException;
import dev.quern.graph.op.Op;
import dev.quern.graph.op.TensorType;
import dev.quern.runtime.QuernException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph as plain values, from which an equal one can be made elsewhere: node by node, without the folds of a
 * {@link GraphBuilder}.
 *
 * @param name    what the graph is called
 * @param nodes   its nodes in order
 * @param outputs the values that are asked for
 */
public record GraphRecord(String name, List<NodeRecord> nodes, List<OutputRecord> outputs) {
    public GraphRecord {
        nodes = List.copyOf(nodes);
        outputs = List.copyOf(outputs);
    }

    /**
     * A value.
     *
     * @param node   the position of its node
     * @param output which of the node's outputs it is
     */
    public record ValueRecord(int node, int output) {
        private static ValueRecord of(NodeOutput value) {
            return new ValueRecord(value.node().id(), value.index());
        }
    }

    /**
     * A node.
     *
     * @param name   its name
     * @param line   the user's line
     * @param op     what it computes
     * @param inputs its operands
     * @param types  the types of its outputs
     */
    public record NodeRecord(String name, String line, Op op, List<ValueRecord> inputs, List<TensorType> types) {
        public NodeRecord {
            inputs = List.copyOf(inputs);
            types = List.copyOf(types);
        }
    }

    /** A value that is asked for under a name. */
    public record OutputRecord(String name, ValueRecord value) {
    }

    /**
     * The record of a graph.
     *
     * @throws QuernException if an operation of the user's own has nothing but Java code
     */
    public static GraphRecord of(Graph graph) {
        List<OutputRecord> outputs = new ArrayList<>();
        graph.outputs().forEach((name, value) -> outputs.add(new OutputRecord(name, ValueRecord.of(value))));
        return new GraphRecord(graph.name(), graph.nodes().stream().map(node -> new NodeRecord(node.name(), node.source().text(), plain(node),
                node.inputs().stream().map(ValueRecord::of).toList(), node.types())).toList(), outputs);
    }

    private static Op plain(Node node) {
        if (!(node.op() instanceof CustomOp custom)) {
            return node.op();
        }
        try {
            return custom.on(node.inputTypes(), node.types());
        } catch (QuernException e) {
            throw new QuernException(node.place() + ": " + e.getMessage(), e);
        }
    }

    /**
     * The graph, verified.
     *
     * @throws GraphException if these values are no graph: an operand that does not exist yet, a type that its op does not give
     */
    public Graph graph() {
        List<Node> made = new ArrayList<>();
        for (NodeRecord each : nodes) {
            List<NodeOutput> operands = each.inputs().stream().map(value -> value(made, value, each.name())).toList();
            made.add(new Node(made.size(), each.op(), operands, each.types(), each.name(), new SourceLine(each.line())));
        }
        Map<String, NodeOutput> named = new LinkedHashMap<>();
        outputs.forEach(output -> named.put(output.name(), value(made, output.value(), "output " + output.name())));
        Graph graph = new Graph(name, made, named);
        try {
            Verifier.verify(graph);
        } catch (IllegalStateException | IllegalOperandException e) {
            throw new GraphException("graph " + name + ": " + e.getMessage(), e);
        }
        return graph;
    }

    private static NodeOutput value(List<Node> made, ValueRecord value, String reader) {
        if (value.node() < 0 || value.node() >= made.size() || value.output() < 0
                || value.output() >= made.get(value.node()).types().size()) {
            throw new GraphException(reader + ": reads output " + value.output() + " of node " + value.node()
                    + ", which does not come before it");
        }
        return made.get(value.node()).output(value.output());
    }
}
