/**
 * Kernel families: a {@link dev.quern.kernels.Problem} and the {@link dev.quern.kernels.Variant}s that solve it, from the
 * naive one to the top of the ladder. Nothing here knows what a graph is.
 */
package dev.quern.kernels;
