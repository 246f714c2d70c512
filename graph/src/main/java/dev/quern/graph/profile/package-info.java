/** Where a plan's time goes: launches timed on the device, mapped back to regions, nodes, layers and user lines. */
package dev.quern.graph.profile;
