/**
 * The built-in device: kernels written in Java, run in parallel over the processor's cores. It needs no driver.
 */
package dev.quern.runtime.host;
