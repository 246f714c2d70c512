/**
 * The static graph: immutable nodes in topological order, the builder that makes them, their checks and their text.
 */
package dev.quern.graph.ir;
