/** Reading rows or elements by index, and the deterministic sums that are its gradient. */
package dev.quern.kernels.gather;
