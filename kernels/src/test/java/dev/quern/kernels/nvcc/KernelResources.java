package dev.quern.kernels.nvcc;

/**
 * What a kernel takes of a multiprocessor, as the assembler reports it.
 *
 * @param registers registers a thread
 * @param shared    bytes of shared memory a block, declared in the kernel
 * @param spilled   bytes a thread that are stored because registers ran out
 */
record KernelResources(int registers, int shared, int spilled) {
}
