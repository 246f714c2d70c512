/** Running sums and products along an axis. */
package dev.quern.kernels.scan;
