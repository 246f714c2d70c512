package dev.quern.graph.grad;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.GraphException;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.op.Backward;
import dev.quern.graph.op.Broadcasting;
import dev.quern.graph.op.Emitter;
import dev.quern.graph.op.IllegalOperandException;
import dev.quern.graph.op.StopGradient;
import dev.quern.graph.op.Value;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reverse-mode differentiation: one walk back over the graph that appends ordinary nodes. Rules give plain contributions;
 * this engine adds up what meets at a value, sums out broadcast axes, repeats along reduced ones, and leaves out every path
 * that leads to none of the wanted values. Rules of nodes in a {@link GraphBuilder#recompute} region see values that are computed again.
 */
public final class Gradients {
    private final GraphBuilder graph;
    private final boolean[] wanted;
    private final Recomputation recomputation;
    private final Map<NodeOutput, Value> gradients = new HashMap<>();

    private Gradients(GraphBuilder graph, boolean[] wanted, List<Node> forward) {
        this.graph = graph;
        this.wanted = wanted;
        this.recomputation = new Recomputation(graph, forward);
    }

    /**
     * The gradients of a scalar.
     *
     * @param graph where the gradient's nodes are appended
     * @param loss  an F32 scalar of the graph
     * @param wrt   values of the graph, usually parameters
     * @return a gradient for each of {@code wrt}, of its shape
     * @throws GraphException if the loss is no scalar or does not depend on one of {@code wrt}
     */
    public static List<Value> of(GraphBuilder graph, Value loss, List<Value> wrt) {
        if (loss.shape().rank() != 0) {
            throw new GraphException(graph.resolve(loss).node().place() + ": has shape " + loss.shape()
                    + "; only a scalar has a gradient, reduce it first (reduceSum, reduceMean)");
        }
        int end = graph.nodes().size();
        return of(graph, end, Map.of(loss, graph.constant(1)), wrt);
    }

    /**
     * The gradients of several values together, given the gradient that flows into each.
     *
     * @param graph    where the gradient's nodes are appended
     * @param upstream the gradient that flows into each value, of that value's shape
     * @param wrt      values of the graph
     * @return a gradient for each of {@code wrt}, of its shape
     * @throws GraphException if shapes differ or nothing depends on one of {@code wrt}
     */
    public static List<Value> of(GraphBuilder graph, Map<Value, Value> upstream, List<Value> wrt) {
        return of(graph, graph.nodes().size(), upstream, wrt);
    }

    private static List<Value> of(GraphBuilder graph, int end, Map<Value, Value> upstream, List<Value> wrt) {
        List<Node> forward = List.copyOf(graph.nodes().subList(0, end));
        boolean[] wanted = new boolean[end];
        wrt.forEach(value -> wanted[graph.resolve(value).node().id()] = true);
        for (Node node : forward) {
            wanted[node.id()] |= !(node.op() instanceof StopGradient) && node.inputs().stream().anyMatch(input -> wanted[input.node().id()]);
        }
        Gradients walk = new Gradients(graph, wanted, forward);
        upstream.forEach((value, gradient) -> {
            NodeOutput target = graph.resolve(value);
            if (!target.type().equals(gradient.type())) {
                throw new GraphException(target.node().place() + ": has type " + target.type() + ", its gradient "
                        + gradient.type() + ": they must be equal");
            }
            walk.gradients.put(target, gradient);
        });
        for (int i = end - 1; i >= 0; i--) {
            walk.visit(forward.get(i));
        }
        List<Value> results = new ArrayList<>();
        for (Value value : wrt) {
            NodeOutput target = graph.resolve(value);
            Value gradient = walk.gradients.get(target);
            if (gradient == null) {
                throw new GraphException(target.node().place() + ": the loss does not depend on it; leave it out of the "
                        + "values to differentiate by, or use it");
            }
            results.add(gradient);
        }
        return results;
    }

    private void visit(Node node) {
        boolean reached = node.outputs().stream().anyMatch(gradients::containsKey);
        if (!reached || !wanted[node.id()] || node.inputs().isEmpty()) {
            return;
        }
        try (GraphBuilder.Scope scope = graph.following(node, "grad")) {
            node.op().vjp(new Rule(node));
        } catch (IllegalOperandException e) {
            throw new GraphException(node.place() + ": " + e.getMessage(), e);
        }
    }

    /** One node's rule and what it may see. */
    private final class Rule implements Backward {
        private final Node node;

        private Rule(Node node) {
            this.node = node;
        }

        @Override
        public Emitter emit() {
            return graph;
        }

        @Override
        public Value input(int index) {
            return recomputation.seenBy(node, node.input(index));
        }

        @Override
        public Value output(int index) {
            return recomputation.seenBy(node, node.output(index));
        }

        @Override
        public Optional<Value> gradient(int output) {
            return Optional.ofNullable(gradients.get(node.output(output)));
        }

        @Override
        public boolean wants(int input) {
            NodeOutput value = node.input(input);
            return wanted[value.node().id()] && value.type().dtype().floating();
        }

        @Override
        public void to(int input, Value gradient) {
            NodeOutput target = node.input(input);
            gradients.merge(target, fit(gradient, target.shape()), graph::add);
        }

        private Value fit(Value gradient, Shape shape) {
            if (gradient.shape().equals(shape)) {
                return gradient;
            }
            if (Broadcasting.reaches(shape, gradient.shape())) {
                return graph.sumTo(gradient, shape);
            }
            return graph.broadcast(gradient, shape);
        }
    }
}
