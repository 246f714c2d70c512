package dev.quern.graph.ir;

import dev.quern.graph.op.Op;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.op.Value;
import java.util.ArrayList;
import java.util.List;

/** One op applied to operands. Immutable; two nodes are equal only if they are the same. */
public final class Node {
    private final int id;
    private final Op op;
    private final List<NodeOutput> inputs;
    private final List<TensorType> types;
    private final List<NodeOutput> outputs;
    private final String name;
    private final SourceLine source;

    Node(int id, Op op, List<NodeOutput> inputs, List<TensorType> types, String name, SourceLine source) {
        this.id = id;
        this.op = op;
        this.inputs = List.copyOf(inputs);
        this.types = List.copyOf(types);
        this.name = name;
        this.source = source;
        List<NodeOutput> made = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            made.add(new NodeOutput(this, i));
        }
        this.outputs = List.copyOf(made);
    }

    /** Its position in the graph; operands come before their readers. */
    public int id() {
        return id;
    }

    /** What it computes. */
    public Op op() {
        return op;
    }

    /** Its operands. */
    public List<NodeOutput> inputs() {
        return inputs;
    }

    /** One operand. */
    public NodeOutput input(int index) {
        return inputs.get(index);
    }

    /** The types of its outputs. */
    public List<TensorType> types() {
        return types;
    }

    /** The types of its operands. */
    public List<TensorType> inputTypes() {
        return inputs.stream().map(Value::type).toList();
    }

    /** Its outputs. */
    public List<NodeOutput> outputs() {
        return outputs;
    }

    /** One output. */
    public NodeOutput output(int index) {
        return outputs.get(index);
    }

    /** Its name, unique in its graph. */
    public String name() {
        return name;
    }

    /** The user's line that made it; a gradient's is that of its forward node. */
    public SourceLine source() {
        return source;
    }

    /** The name and the source line, as errors begin. */
    public String place() {
        return name + " (" + source + ")";
    }

    @Override
    public String toString() {
        return place();
    }
}
