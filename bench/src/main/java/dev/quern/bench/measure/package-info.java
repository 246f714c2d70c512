/** How time is measured: warm-up until stable, alternating blocks, medians and quantiles. Knows nothing of kernels. */
package dev.quern.bench.measure;
