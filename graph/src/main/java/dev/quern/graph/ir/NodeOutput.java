package dev.quern.graph.ir;

import dev.quern.graph.op.TensorType;
import dev.quern.graph.op.Value;

/**
 * One output of a node: the value that handles stand for.
 *
 * @param node  the node
 * @param index the output's position
 */
public record NodeOutput(Node node, int index) implements Value {
    @Override
    public TensorType type() {
        return node.types().get(index);
    }

    @Override
    public String name() {
        return index == 0 ? node.name() : node.name() + ":" + index;
    }

    @Override
    public String toString() {
        return "%" + name() + ": " + type();
    }
}
