/** Counter-based random numbers: the same bits on every machine, addressed by seed, purpose and position. */
package dev.quern.layers.random;
