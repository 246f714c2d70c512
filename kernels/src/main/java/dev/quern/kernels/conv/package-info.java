/**
 * Two-dimensional convolution (cross-correlation, as networks use it): forward, gradient of the input, gradient of the
 * filter, each a family over one shared {@link dev.quern.kernels.conv.Conv2dGeometry}.
 */
package dev.quern.kernels.conv;
