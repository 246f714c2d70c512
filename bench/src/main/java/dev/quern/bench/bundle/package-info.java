/** An archive with all that Quern needs on a machine that has an NVIDIA driver but no Java, Maven or network. */
package dev.quern.bench.bundle;
