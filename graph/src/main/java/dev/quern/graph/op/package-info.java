/**
 * The ops of a graph: sealed records that own their attributes, their shape rule, their gradient rule and their place in
 * fusion. They build graphs only through {@link dev.quern.graph.op.Emitter}, so nothing here knows how nodes are kept.
 */
package dev.quern.graph.op;
