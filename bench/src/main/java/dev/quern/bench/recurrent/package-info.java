/** Benchmarks of recurrent layers: forward and gradients, as a training step pays for them. */
package dev.quern.bench.recurrent;
