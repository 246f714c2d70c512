package dev.quern.graph.grad;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.Node;
import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.op.Assign;
import dev.quern.graph.op.Recompute;
import dev.quern.graph.op.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** The second computation of regions whose values are not kept: emitted where the first gradient rule of a region asks for one. */
final class Recomputation {
    private final GraphBuilder graph;
    private final List<Node> forward;
    private final Map<NodeOutput, Value> again = new HashMap<>();
    private final Map<Integer, Map<NodeOutput, Value>> entries = new HashMap<>();
    private final Set<Integer> done = new HashSet<>();

    /** For gradients of these nodes of a graph. */
    Recomputation(GraphBuilder graph, List<Node> forward) {
        this.graph = graph;
        this.forward = forward;
    }

    /** What a node's rule reads in place of a value: the value itself unless both belong to one region. */
    Value seenBy(Node node, NodeOutput value) {
        OptionalInt region = graph.recomputeRegion(node);
        if (region.isEmpty() || !graph.recomputeRegion(value.node()).equals(region)) {
            return value;
        }
        if (done.add(region.getAsInt())) {
            repeat(region.getAsInt());
        }
        return again.get(value);
    }

    /** Emits every node of a region once more, but for changes of the state; what no rule reads is dead and goes. */
    private void repeat(int region) {
        for (Node node : forward) {
            if (graph.recomputeRegion(node).orElse(-1) != region || node.op() instanceof Assign) {
                continue;
            }
            try (GraphBuilder.Scope scope = graph.following(node, "again")) {
                List<Value> inputs = new ArrayList<>();
                for (NodeOutput input : node.inputs()) {
                    boolean within = graph.recomputeRegion(input.node()).orElse(-1) == region;
                    inputs.add(within ? again.get(input) : entry(region, input));
                }
                List<Value> outputs = graph.emit(node.op().label(), node.op(), inputs);
                for (int i = 0; i < outputs.size(); i++) {
                    again.put(node.output(i), outputs.get(i));
                }
            }
        }
    }

    private Value entry(int region, NodeOutput outside) {
        return entries.computeIfAbsent(region, _ -> new HashMap<>())
                .computeIfAbsent(outside, value -> graph.emitOne(new Recompute(region), value));
    }
}
