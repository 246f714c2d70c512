/** The oracle: graphs run node by node with the kernel families' references. */
package dev.quern.graph.interp;
