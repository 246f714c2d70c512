/** From a graph to a plan. */
package dev.quern.graph.compile;
