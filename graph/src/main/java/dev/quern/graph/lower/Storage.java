package dev.quern.graph.lower;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.op.Reshape;

/** Which value owns the bytes of a value: reshaped values are other names for the bytes of what was reshaped. */
public final class Storage {
    private Storage() {
    }

    /** The value whose bytes these are. */
    public static NodeOutput of(NodeOutput value) {
        NodeOutput owner = value;
        while (owner.node().op() instanceof Reshape) {
            owner = owner.node().input(0);
        }
        return owner;
    }
}
