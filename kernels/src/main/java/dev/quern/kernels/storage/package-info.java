/** Storage types of fewer bits for kernels that compute on F32. */
package dev.quern.kernels.storage;
