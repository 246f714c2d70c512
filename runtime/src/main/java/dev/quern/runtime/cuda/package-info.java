/**
 * CUDA devices. The only package that names JCuda; functions that JCuda lacks, and the compilers, are called through
 * {@code java.lang.foreign}. Nothing native is loaded before a CUDA device is asked for.
 *
 * <p>Settings: the system property {@code quern.cuda.nvrtc} names NVRTC's library where it is in none of the usual places.
 * {@code CUDA_LAUNCH_BLOCKING=1} in the environment waits for each launch, so that one that fails is named.
 */
package dev.quern.runtime.cuda;
