package dev.quern.graph.op;

import dev.quern.runtime.Shape;

/**
 * A handle on one tensor of a graph under construction: an output of a node. It owns nothing and is valid only in the
 * builder that made it.
 */
public interface Value {
    /** Its type. */
    TensorType type();

    /** The name of its node, with {@code :k} behind it for an output k past the first. */
    String name();

    /** Its extents. */
    default Shape shape() {
        return type().shape();
    }
}
