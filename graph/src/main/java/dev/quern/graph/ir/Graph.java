package dev.quern.graph.ir;

import dev.quern.graph.op.Assign;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A finished graph: nodes in topological order and the values that are asked for. Immutable. */
public final class Graph {
    private final String name;
    private final List<Node> nodes;
    private final Map<String, NodeOutput> outputs;
    private final List<List<Node>> readers;

    Graph(String name, List<Node> nodes, Map<String, NodeOutput> outputs) {
        this.name = name;
        this.nodes = List.copyOf(nodes);
        this.outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        List<List<Node>> lists = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            lists.add(new ArrayList<>());
        }
        for (Node node : nodes) {
            node.inputs().stream().map(NodeOutput::node).distinct().forEach(input -> lists.get(input.id()).add(node));
        }
        this.readers = lists.stream().map(List::copyOf).toList();
    }

    /** What the graph is called. */
    public String name() {
        return name;
    }

    /** The nodes; each one's id is its position. */
    public List<Node> nodes() {
        return nodes;
    }

    /** The values that are asked for, by name, in the order in which they were named. */
    public Map<String, NodeOutput> outputs() {
        return outputs;
    }

    /** The nodes that read any output of a node, in order. */
    public List<Node> readers(Node node) {
        return readers.get(node.id());
    }

    /** The nodes that read a value, in order. */
    public List<Node> readers(NodeOutput value) {
        return readers(value.node()).stream().filter(reader -> reader.inputs().contains(value)).toList();
    }

    /** Whether anything reads a value or asks for it. */
    public boolean isUsed(NodeOutput value) {
        return outputs.containsValue(value) || readers(value.node()).stream().anyMatch(r -> r.inputs().contains(value));
    }

    /** The assignments, in order. */
    public List<Node> assignments() {
        return nodes.stream().filter(node -> node.op() instanceof Assign).toList();
    }

    /** A node by name. */
    public Optional<Node> find(String nodeName) {
        return nodes.stream().filter(node -> node.name().equals(nodeName)).findFirst();
    }

    /** The graph as text, equal for equal graphs. */
    @Override
    public String toString() {
        return GraphText.of(this);
    }
}
