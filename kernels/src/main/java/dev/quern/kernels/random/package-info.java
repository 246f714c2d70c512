/** Counter-based random numbers for kernels: the generator, its spelling in kernels and in blocks of Java. */
package dev.quern.kernels.random;
