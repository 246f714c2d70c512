/** The sizes that others measure with: convolution layers of well-known networks, and DeepBench's rows. Data alone. */
package dev.quern.bench.workload;
