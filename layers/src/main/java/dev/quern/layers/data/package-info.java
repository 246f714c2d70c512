/** Training data: MNIST files, the built-in synthetic digits, and batches in a reproducible order. */
package dev.quern.layers.data;
