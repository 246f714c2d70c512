/** One step of a plan in a file: written down, read back, run again. */
package dev.quern.graph.capsule;
