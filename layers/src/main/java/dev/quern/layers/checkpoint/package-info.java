/** Tensors in files: the safetensors format, and checkpoints of training written with it. */
package dev.quern.layers.checkpoint;
