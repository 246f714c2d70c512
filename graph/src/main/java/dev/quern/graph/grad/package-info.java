/** Reverse-mode differentiation of graphs. */
package dev.quern.graph.grad;
