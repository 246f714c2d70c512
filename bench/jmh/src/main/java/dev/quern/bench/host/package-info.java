/** Benchmarks of what Quern itself costs, kernels aside: launching, binding, replaying a plan. Run by JMH. */
package dev.quern.bench.host;
