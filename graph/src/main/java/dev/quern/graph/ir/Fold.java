package dev.quern.graph.ir;

/**
 * What a {@link GraphBuilder} simplifies while nodes are emitted. Each kind is exact, is done by itself where it is the only one
 * asked for, and is a pass of the compiler's.
 */
public enum Fold {
    /** Moves of elements: nested reshapes, broadcasts and transpositions are one, those that move nothing go; relus go behind maxima. */
    MOVES,
    /** Constants: expressions over them, and moves of them, are constants. */
    CONSTANTS,
    /** Algebra on expressions, such as x + 0 and -(-x); operands that they no longer read, or read twice, go. */
    ALGEBRA,
    /** Common subexpressions: equal ops on equal operands are one node, but for random ones. */
    EQUAL_NODES
}
