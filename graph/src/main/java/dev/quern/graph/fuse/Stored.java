package dev.quern.graph.fuse;

import dev.quern.graph.expr.ExprForm;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.lower.Storage;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Constant;
import dev.quern.graph.op.FusionKind;
import dev.quern.graph.op.Pointwise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides which of the free nodes (pointwise, views, constants and assignments that no anchor claimed) are stored; the
 * others are computed within their readers.
 */
final class Stored {
    private final Graph graph;
    private final Set<Node> claimed;
    private final Profit profit;
    private final List<Decision> decisions;
    private final Set<Node> stored = new LinkedHashSet<>();
    /** For each node that is not stored, the stored nodes that come to evaluate it, by id. */
    private final Map<Node, TreeSet<Integer>> evaluators = new HashMap<>();
    /** What {@link #leaves} and {@link #readers} found; empty after every change. */
    private final Map<Node, Set<NodeOutput>> knownLeaves = new HashMap<>();
    private final Map<Node, List<Node>> knownReaders = new HashMap<>();

    /**
     * Decides.
     *
     * @param graph   the graph
     * @param claimed nodes that anchors took
     * @param needed  stored values that anchors read
     */
    Stored(Graph graph, Set<Node> claimed, Set<NodeOutput> needed, Profit profit, List<Decision> decisions) {
        this.graph = graph;
        this.claimed = claimed;
        this.profit = profit;
        this.decisions = decisions;
        needed.forEach(value -> stored.add(value.node()));
        graph.outputs().values().forEach(value -> stored.add(Storage.of(value).node()));
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Assign) {
                stored.add(node);
            }
            if (isFree(node)) {
                node.inputs().stream().filter(input -> input.node().op().fusionKind() == FusionKind.ALIAS)
                        .forEach(input -> stored.add(Storage.of(input).node()));
            }
        }
        List<Node> nodes = graph.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (isFree(nodes.get(i)) && !stored.contains(nodes.get(i))) {
                decide(nodes.get(i));
            }
        }
        nodes.stream().filter(this::isFree).forEach(this::limit);
    }

    /** Whether a node takes part in pointwise regions. */
    boolean isFree(Node node) {
        FusionKind kind = node.op().fusionKind();
        boolean fusible = kind == FusionKind.POINTWISE || kind == FusionKind.VIEW || kind == FusionKind.EFFECT
                || node.op() instanceof Constant;
        return fusible && !claimed.contains(node);
    }

    /** Whether a free node is computed within its readers. */
    boolean isInlined(Node node) {
        return isFree(node) && !stored.contains(node);
    }

    private void decide(Node node) {
        TreeSet<Integer> readers = new TreeSet<>();
        for (Node reader : graph.readers(node)) {
            if (isInlined(reader)) {
                readers.addAll(evaluators.get(reader));
            } else {
                readers.add(reader.id());
            }
        }
        long evaluations = readers.stream().mapToLong(id -> graph.nodes().get(id).output(0).shape().elements()).sum();
        boolean again = profit.recompute(node, evaluations);
        if (again) {
            evaluators.put(node, readers);
        } else {
            stored.add(node);
        }
        List<String> names = readers.stream().map(id -> graph.nodes().get(id).name()).toList();
        if (Profit.weight(node) > 0 && !(node.op() instanceof Constant)) {
            String what = node.name() + " into " + summary(names);
            double saved = profit.saved(node, evaluations);
            decisions.add(!again ? new Decision(false, what, "computing it again would cost more than storing it", saved)
                    : readers.size() == 1 ? new Decision(true, what, "pointwise, one reader", saved)
                            : new Decision(true, what, "computing it again costs less than storing it", saved));
        }
    }

    private static String summary(List<String> names) {
        return names.size() <= 4 ? String.join(", ", names)
                : String.join(", ", names.subList(0, 3)) + " and " + (names.size() - 3) + " more";
    }

    /** Stores what a node would inline where its expression would grow too large or read too many tensors. */
    private void limit(Node node) {
        while (size(node) >= Profit.EXPRESSION_SIZE || leaves(node).size() > Profit.KERNEL_ARGUMENTS - 2) {
            Node largest = null;
            for (NodeOutput input : node.inputs()) {
                if (isInlined(input.node()) && (largest == null || size(input.node()) > size(largest))) {
                    largest = input.node();
                }
            }
            if (largest == null || leaves(largest).size() + size(largest) <= 2) {
                return;
            }
            store(largest);
            decisions.add(new Decision(false, largest.name() + " into " + node.name(),
                    "the expression would grow past " + Profit.EXPRESSION_SIZE + " terms or read too many tensors", profit.saved(largest)));
        }
    }

    /** How many terms a node's expression has with what it inlines, written out as a tree; {@link Profit#EXPRESSION_SIZE} or more is too many. */
    int size(Node node) {
        return size(node, Map.of());
    }

    /**
     * The same where the values of some nodes are expressions too.
     *
     * @param sizes the nodes, and how many terms each has
     */
    int size(Node node, Map<Node, Integer> sizes) {
        int own = node.op() instanceof Pointwise pointwise
                ? ExprForm.treeSize(pointwise.expression(), Profit.EXPRESSION_SIZE) : 1;
        for (NodeOutput input : node.inputs()) {
            Node source = Storage.of(input).node();
            if (isInlined(input.node())) {
                own = Math.min(Profit.EXPRESSION_SIZE, own + size(input.node(), sizes));
            } else if (sizes.containsKey(source)) {
                own = Math.min(Profit.EXPRESSION_SIZE, own + sizes.get(source));
            }
        }
        return own;
    }

    /** The stored values that a node reads, itself or through what it inlines. */
    Set<NodeOutput> leaves(Node node) {
        return knownLeaves.computeIfAbsent(node, this::findLeaves);
    }

    private Set<NodeOutput> findLeaves(Node node) {
        Set<NodeOutput> leaves = new LinkedHashSet<>();
        List<Node> open = new ArrayList<>(List.of(node));
        Set<Node> seen = new LinkedHashSet<>(open);
        while (!open.isEmpty()) {
            for (NodeOutput input : open.removeLast().inputs()) {
                if (!isInlined(input.node())) {
                    leaves.add(Storage.of(input));
                } else if (seen.add(input.node())) {
                    open.add(input.node());
                }
            }
        }
        return leaves;
    }

    /** Stores a free node after all. */
    void store(Node node) {
        stored.add(node);
        knownLeaves.clear();
        knownReaders.clear();
    }

    /** The stored free nodes that read a stored value of a node, themselves or through what they inline. */
    List<Node> readers(Node node) {
        if (knownReaders.isEmpty()) {
            for (Node root : roots()) {
                leaves(root).forEach(leaf -> knownReaders.computeIfAbsent(leaf.node(), key -> new ArrayList<>()).add(root));
            }
        }
        return knownReaders.getOrDefault(node, List.of());
    }

    /** The free nodes that are stored, in order. */
    List<Node> roots() {
        return graph.nodes().stream().filter(node -> isFree(node) && stored.contains(node)).toList();
    }
}
