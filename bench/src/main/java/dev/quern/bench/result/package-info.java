/** Results as a file: written with where they came from, read back, and compared. */
package dev.quern.bench.result;
