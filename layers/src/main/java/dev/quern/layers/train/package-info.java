/** Training and evaluation: graphs, plans, events, checkpoints. */
package dev.quern.layers.train;
