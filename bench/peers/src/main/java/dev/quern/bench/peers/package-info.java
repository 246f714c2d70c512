/** The peers that run on the JVM. Each is loaded in a child process alone. */
package dev.quern.bench.peers;
