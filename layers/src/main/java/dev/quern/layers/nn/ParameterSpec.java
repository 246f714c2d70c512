package dev.quern.layers.nn;

import dev.quern.graph.op.Value;
import dev.quern.layers.init.Fans;
import dev.quern.layers.init.Initializer;
import dev.quern.layers.random.RandomStream;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;

/**
 * A parameter that a layer declared, or a buffer: a tensor that is kept and saved with the parameters but not trained, such
 * as a running statistic.
 *
 * @param path        its path in the model, as PyTorch has it: {@code 3.weight}
 * @param dtype       its storage type
 * @param shape       its extents
 * @param fans        what its initialiser scales by
 * @param initializer its initial values
 * @param value       its value in the graph it was declared in
 * @param trained     whether it is a parameter; false for a buffer
 */
public record ParameterSpec(String path, DType dtype, Shape shape, Fans fans, Initializer initializer, Value value,
        boolean trained) {
    /** Its initial values, which depend on the seed and the path alone. */
    public HostTensor initial(long seed) {
        HostTensor tensor = HostTensor.zeros(dtype, shape);
        initializer.fill(tensor, fans, new RandomStream(seed, "init/" + path, 0));
        return tensor;
    }
}
