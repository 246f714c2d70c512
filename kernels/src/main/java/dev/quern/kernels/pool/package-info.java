/**
 * Two-dimensional maximum and average pooling, forward and backward, over one shared
 * {@link dev.quern.kernels.pool.Pool2dGeometry}. Ties, NaN and the last window follow PyTorch.
 */
package dev.quern.kernels.pool;
