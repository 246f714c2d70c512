/** Looks for the quickest variant and parameters of a problem, and keeps what it finds. */
package dev.quern.bench.tune;
