package dev.quern.kernels.custom;

import dev.quern.runtime.HostTensor;
import java.util.List;

/** What a user's kernel means, in Java: the oracle that its texts are held to, and what the host device runs. */
@FunctionalInterface
public interface Computation {
    /**
     * Computes the outputs.
     *
     * @param inputs  a tensor for each input; not to be changed
     * @param outputs a tensor of zeros for each output, to be filled in
     */
    void compute(List<HostTensor> inputs, List<HostTensor> outputs);
}
