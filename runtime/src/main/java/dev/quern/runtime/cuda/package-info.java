/** Kernel texts as CUDA C++. */
package dev.quern.runtime.cuda;
