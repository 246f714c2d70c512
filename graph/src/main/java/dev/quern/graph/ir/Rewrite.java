package dev.quern.graph.ir;

import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Op;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.Pointwise;
import dev.quern.graph.op.FusionKind;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.op.StopGradient;
import dev.quern.kernels.expr.Expr;
import java.util.ArrayList;
import java.util.EnumSet;
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

    /** What a pass does to one node while a graph is emitted anew. */
    @FunctionalInterface
    public interface Rule {
        /**
         * Emits what takes a node's place.
         *
         * @param node   the node
         * @param inputs what its operands have become
         * @param emit   appends nodes
         * @return a value of the same type for each of the node's outputs
         */
        List<NodeOutput> rewrite(Node node, List<NodeOutput> inputs, Emission emit);
    }

    /** Appends nodes in the place of another, whose source line they share. Local folds are done, and equal nodes are one. */
    public static final class Emission {
        private final GraphBuilder builder;
        private final Node node;

        private Emission(GraphBuilder builder, Node node) {
            this.builder = builder;
            this.node = node;
        }

        /** The node itself on other operands, under its own name. */
        public List<NodeOutput> same(List<NodeOutput> inputs) {
            return builder.copy(node, inputs);
        }

        /** An op that takes over the node's name. */
        public List<NodeOutput> instead(Op op, List<NodeOutput> inputs) {
            return builder.emitFor(node, node.name(), op, inputs);
        }

        /** The first output of an op that is called after the node and its own label. */
        public NodeOutput beside(Op op, NodeOutput... inputs) {
            return builder.emitFor(node, node.name() + "." + op.label(), op, List.of(inputs)).getFirst();
        }
    }

    /** The graph emitted anew with one kind of fold alone. */
    public static Graph fold(Graph graph, Fold fold) {
        return reemit(graph, new GraphBuilder(graph.name(), EnumSet.of(fold)), (node, inputs, emit) -> emit.same(inputs));
    }

    /** The graph without the stops of gradients: those that are there need no stop any more. */
    public static Graph removeStops(Graph graph) {
        return reemit(graph, new GraphBuilder(graph.name(), Set.of()),
                (node, inputs, emit) -> node.op() instanceof StopGradient ? inputs : emit.same(inputs));
    }

    /** The graph emitted anew with a rule applied to each node, operands first, and all folds. */
    public static Graph reemit(Graph graph, Rule rule) {
        return reemit(graph, new GraphBuilder(graph.name()), rule);
    }

    private static Graph reemit(Graph graph, GraphBuilder builder, Rule rule) {
        Map<NodeOutput, NodeOutput> images = new HashMap<>();
        for (Node node : graph.nodes()) {
            List<NodeOutput> copies = rule.rewrite(node, node.inputs().stream().map(images::get).toList(), new Emission(builder, node));
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
     * The graph with a copy wherever a tensor of the state that the step assigns is, unchanged, an output or another one's new
     * value: by then its own memory may hold its new value already.
     */
    public static Graph keepOldValues(Graph graph) {
        Set<String> assigned = new HashSet<>();
        graph.assignments().forEach(node -> assigned.add(((Assign) node.op()).path()));
        List<Node> nodes = new ArrayList<>();
        Map<Node, Node> images = new HashMap<>();
        for (Node node : graph.nodes()) {
            List<NodeOutput> inputs = node.inputs().stream().map(input -> image(images, input)).toList();
            if (node.op() instanceof Assign && isOneOf(assigned, inputs.getFirst())) {
                inputs = List.of(copy(nodes, node.name() + ".old", inputs.getFirst()));
            }
            Node image = new Node(nodes.size(), node.op(), inputs, node.types(), node.name(), node.source());
            nodes.add(image);
            images.put(node, image);
        }
        Map<String, NodeOutput> outputs = new LinkedHashMap<>();
        graph.outputs().forEach((name, value) -> {
            NodeOutput image = image(images, value);
            outputs.put(name, isOneOf(assigned, image) ? copy(nodes, "output." + name, image) : image);
        });
        return new Graph(graph.name(), nodes, outputs);
    }

    private static boolean isOneOf(Set<String> paths, NodeOutput value) {
        NodeOutput owner = value;
        while (owner.node().op().fusionKind() == FusionKind.ALIAS) {
            owner = owner.node().input(0);
        }
        return owner.node().op() instanceof Parameter parameter && paths.contains(parameter.path());
    }

    private static NodeOutput copy(List<Node> nodes, String name, NodeOutput value) {
        Node copy = new Node(nodes.size(), new Pointwise(1, new Expr.Input(0)), List.of(value), List.of(value.type()), name,
                value.node().source());
        nodes.add(copy);
        return copy.output(0);
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
