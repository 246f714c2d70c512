/** Benchmarks of kernel families: every variant that solves a problem on a device, verified and then timed. */
package dev.quern.bench.kernel;
