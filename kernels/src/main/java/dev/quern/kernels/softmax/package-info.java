/** Softmax along an axis, its gradient, and softmax fused with cross-entropy. */
package dev.quern.kernels.softmax;
