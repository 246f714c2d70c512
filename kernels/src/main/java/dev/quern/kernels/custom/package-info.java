/** Kernels that a user brings along: texts for devices, and a computation in Java that they are held to. */
package dev.quern.kernels.custom;
