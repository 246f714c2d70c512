/** What a device's compiler accepts beyond the portable dialect, found out by trying. */
package dev.quern.bench.probe;
