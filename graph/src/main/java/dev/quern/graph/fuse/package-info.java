/**
 * Forms regions: the nodes that become one kernel each. {@link dev.quern.graph.fuse.Fuser} lets anchors claim pointwise
 * epilogues, then groups what is left; {@link dev.quern.graph.fuse.Profit} holds every heuristic, and each decision is kept
 * with its reason.
 */
package dev.quern.graph.fuse;
