/**
 * Devices, memory, programs, queues and timing: the only module that names a driver.
 *
 * <p>A {@link dev.quern.runtime.Device} owns everything that is native. Work is given to its in-order
 * {@link dev.quern.runtime.Queue} as {@link dev.quern.runtime.Recording}s: launches whose arguments were bound once.
 */
package dev.quern.runtime;
