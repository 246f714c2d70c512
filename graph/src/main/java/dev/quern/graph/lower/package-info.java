/** Where ops meet kernel families: each node's problem and operands, and how loops read tensors. */
package dev.quern.graph.lower;
