package dev.quern.bench.kernel;

import dev.quern.runtime.HostTensor;
import java.util.List;
import java.util.Random;

/** Makes an input that independent random numbers cannot be, such as the places of the maxima that a pooling found. */
@FunctionalInterface
interface OperandFiller {
    /**
     * Fills a tensor.
     *
     * @param tensor  of zeros
     * @param earlier the operands before it, filled
     * @param random  the same numbers in every run
     */
    void fill(HostTensor tensor, List<HostTensor> earlier, Random random);
}
