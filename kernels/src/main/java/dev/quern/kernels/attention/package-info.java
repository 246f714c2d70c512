/** Scaled dot-product attention, forward and backward, without a matrix of scores in memory. */
package dev.quern.kernels.attention;
