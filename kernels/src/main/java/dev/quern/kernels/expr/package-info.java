/**
 * Elementwise expressions: the one table of functions, and their rendering to kernel text and to Java. Epilogues and
 * pointwise kernels are both made of them.
 */
package dev.quern.kernels.expr;
