package dev.quern.graph.ir;

import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.Reshape;
import dev.quern.graph.op.StepScalar;
import dev.quern.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes graphs from graphs: the ground that passes stand on. */
public final class Rewrite {
    private Rewrite() {
    }

    /** The graph emitted anew: local folds are done again and equal nodes become one. */
    public static Graph reemit(Graph graph) {
        GraphBuilder builder = new GraphBuilder(graph.name());
        Map<NodeOutput, NodeOutput> images = new HashMap<>();
        for (Node node : graph.nodes()) {
            List<NodeOutput> copies = builder.copy(node, node.inputs().stream().map(images::get).toList());
            for (int i = 0; i < copies.size(); i++) {
                images.put(node.output(i), copies.get(i));
            }
        }
        Map<String, NodeOutput> outputs = new LinkedHashMap<>();
        graph.outputs().forEach((name, value) -> outputs.put(name, images.get(value)));
        return live(graph.name(), builder.nodes(), outputs);
    }

    /** The graph without nodes that no output and no assignment needs; inputs and step scalars stay. */
    public static Graph removeDead(Graph graph) {
        return live(graph.name(), graph.nodes(), graph.outputs());
    }

    /**
     * The graph with a copy behind each output that is nothing but a tensor of the state which the step assigns: read after
     * the step, its own memory would hold the new value.
     */
    public static Graph storeOutputs(Graph graph) {
        Set<String> assigned = new HashSet<>();
        graph.assignments().forEach(node -> assigned.add(((Assign) node.op()).path()));
        List<Node> nodes = new ArrayList<>(graph.nodes());
        Map<String, NodeOutput> outputs = new LinkedHashMap<>();
        graph.outputs().forEach((name, value) -> {
            NodeOutput owner = value;
            while (owner.node().op() instanceof Reshape) {
                owner = owner.node().input(0);
            }
            if (owner.node().op() instanceof Parameter parameter && assigned.contains(parameter.path())) {
                Node copy = new Node(nodes.size(), new Pointwise(1, new Expr.Input(0)), List.of(value),
                        List.of(value.type()), "output." + name, value.node().source());
                nodes.add(copy);
                outputs.put(name, copy.output(0));
            } else {
                outputs.put(name, value);
            }
        });
        return nodes.size() == graph.nodes().size() ? graph : new Graph(graph.name(), nodes, outputs);
    }

    static Graph live(String name, List<Node> nodes, Map<String, NodeOutput> outputs) {
        boolean[] needed = new boolean[nodes.size()];
        outputs.values().forEach(value -> needed[value.node().id()] = true);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            needed[i] |= node.op() instanceof Assign || node.op() instanceof Input || node.op() instanceof StepScalar;
            if (needed[i]) {
                node.inputs().forEach(input -> needed[input.node().id()] = true);
            }
        }
        List<Node> kept = new ArrayList<>();
        Map<Node, Node> images = new HashMap<>();
        for (Node node : nodes) {
            if (needed[node.id()]) {
                List<NodeOutput> inputs = node.inputs().stream().map(input -> image(images, input)).toList();
                Node copy = new Node(kept.size(), node.op(), inputs, node.types(), node.name(), node.source());
                kept.add(copy);
                images.put(node, copy);
            }
        }
        Map<String, NodeOutput> mapped = new LinkedHashMap<>();
        outputs.forEach((output, value) -> mapped.put(output, image(images, value)));
        return new Graph(name, kept, mapped);
    }

    private static NodeOutput image(Map<Node, Node> images, NodeOutput value) {
        return images.get(value.node()).output(value.index());
    }
}
