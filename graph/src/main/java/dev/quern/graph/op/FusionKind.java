package dev.quern.graph.op;

/** How an op may take part in fusion, from the freest to the most closed. */
public enum FusionKind {
    /** No work of its own: an input, a parameter, a constant. */
    SOURCE,
    /** Output element i depends on element i of each (broadcast) input alone. */
    POINTWISE,
    /** The same elements in another order or repeated; can be read through strides. */
    VIEW,
    /** The same bytes under another shape; never a launch. */
    ALIAS,
    /** Each output element sums up a line of its input. */
    REDUCTION,
    /** A kernel family's own kernel, which may carry a pointwise epilogue. */
    ANCHOR,
    /** A kernel of its own that moves, joins or scans elements and is nothing that a layer would be named after. */
    KERNEL,
    /** Changes state. */
    EFFECT
}
