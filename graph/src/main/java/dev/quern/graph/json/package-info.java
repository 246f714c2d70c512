/** Reading JSON, and values of the graph as JSON. */
package dev.quern.graph.json;
