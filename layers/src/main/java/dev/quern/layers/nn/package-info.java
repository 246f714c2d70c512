/** Layers: pieces of a model that own parameters under PyTorch's names and emit graph nodes. */
package dev.quern.layers.nn;
