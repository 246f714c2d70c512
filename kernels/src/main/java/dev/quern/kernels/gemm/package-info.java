/** Matrix multiplication. */
package dev.quern.kernels.gemm;
