/** Benchmarks of whole training steps. */
package dev.quern.bench.train;
