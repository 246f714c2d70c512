package dev.quern.kernels.storage;

import dev.quern.kernels.Problem;

/**
 * A problem whose operands may be stored in F32, F16 or BF16, each as it likes, and whose arithmetic is in F32 whatever they are.
 *
 * @param <P> the problem itself
 */
public interface StoredProblem<P extends StoredProblem<P>> extends Problem {
    /** The same problem with F32 in the place of F16 and BF16; operands keep their order. */
    P inF32();
}
