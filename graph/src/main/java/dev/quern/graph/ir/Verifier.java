package dev.quern.graph.ir;

import dev.quern.graph.op.Assign;
import dev.quern.graph.op.TensorType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks what every graph must hold, numbered so that a failure names its rule. A failure is a fault of Quern, not of its
 * user.
 */
public final class Verifier {
    private Verifier() {
    }

    /**
     * Checks a graph.
     *
     * @throws IllegalStateException naming the rule and the node
     */
    public static void verify(Graph graph) {
        Set<String> names = new HashSet<>();
        Set<String> assigned = new HashSet<>();
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            Node node = nodes.get(i);
            require(node.id() == i, "1: a node's id is its position", node);
            require(names.add(node.name()), "2: names are unique", node);
            for (NodeOutput input : node.inputs()) {
                boolean earlier = input.node().id() < i && nodes.get(input.node().id()) == input.node();
                require(earlier, "3: operands come before their readers", node);
                require(input.index() < input.node().types().size(), "4: operands exist", node);
            }
            List<TensorType> types = node.op().infer(node.inputTypes());
            require(types.equals(node.types()), "5: recorded types are the inferred ones", node);
            if (node.op() instanceof Assign assign) {
                require(assigned.add(assign.path()), "6: a tensor of the state is assigned once", node);
            }
        }
        graph.outputs().forEach((name, value) -> require(nodes.get(value.node().id()) == value.node(),
                "7: outputs belong to the graph", value.node()));
    }

    private static void require(boolean holds, String rule, Node node) {
        if (!holds) {
            throw new IllegalStateException("graph rule " + rule + "; broken by " + GraphText.line(node));
        }
    }
}
