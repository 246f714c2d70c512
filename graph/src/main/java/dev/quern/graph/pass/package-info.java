/** Rewritings of graphs as data: what the compiler does before it fuses. */
package dev.quern.graph.pass;
