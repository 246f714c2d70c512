/** Optimizers as graph nodes, and learning-rate schedules. */
package dev.quern.layers.optim;
