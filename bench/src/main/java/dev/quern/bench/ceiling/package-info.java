/** What a device can do at most, measured by kernels that do nothing else: copying, reading, arithmetic in registers. */
package dev.quern.bench.ceiling;
