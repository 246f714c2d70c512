package dev.quern.graph.lower;

import dev.quern.graph.ir.NodeOutput;
import dev.quern.graph.op.FusionKind;

/** Which value owns the bytes of a value: an alias, such as a reshaped value, is another
 * name for the bytes of its operand. */
public final class Storage {
    private Storage() {
    }

    /** The value whose bytes these are. */
    public static NodeOutput of(NodeOutput value) {
        NodeOutput owner = value;
        while (owner.node().op().fusionKind() == FusionKind.ALIAS) {
            owner = owner.node().input(0);
        }
        return owner;
    }
}
