/**
 * Devices, memory, programs, queues and timing: the only module that names a driver.
 *
 * <p>A {@link dev.quern.runtime.Device} owns everything that is native. Work is given to its in-order
 * {@link dev.quern.runtime.Queue} as {@link dev.quern.runtime.Recording}s: launches whose arguments were bound once.
 *
 * <p>Settings: the system property {@code quern.cache} names the folder for compiled programs ({@code off} for none),
 * {@code quern.leaks=true} makes leak reports say where memory was allocated, and {@code quern.graph=false} launches kernels one by
 * one where a graph of them could be launched. {@code QUERN_REQUIRE=opencl} in the environment turns a missing OpenCL device from
 * a skipped into a failed test.
 */
package dev.quern.runtime;
