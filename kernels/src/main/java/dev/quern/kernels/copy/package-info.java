/** Moving elements without computing on them: permuted, sliced, padded, repeated and joined tensors of any storage type. */
package dev.quern.kernels.copy;
