/** Devices over OpenCL: the only package that names JOCL. */
package dev.quern.runtime.opencl;
