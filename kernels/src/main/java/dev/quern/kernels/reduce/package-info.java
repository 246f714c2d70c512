/** Reductions over axes. */
package dev.quern.kernels.reduce;
