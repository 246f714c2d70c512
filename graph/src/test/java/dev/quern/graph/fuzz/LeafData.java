package dev.quern.graph.fuzz;

import dev.quern.graph.fuzz.GraphGrower.Grown;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Input;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.Random;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.op.TensorType;
import dev.quern.kernels.random.Draw;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** What a graph's inputs and state are filled with: each leaf's numbers follow from a seed and its name alone. */
public final class LeafData {
    private LeafData() {
    }

    /** A tensor for each leaf, by name. */
    public static Map<String, HostTensor> of(Grown grown, long seed) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (Node node : grown.graph().nodes()) {
            TensorType type = node.types().getFirst();
            SplittableRandom random = new SplittableRandom(seed + node.name().hashCode());
            switch (node.op()) {
                case Input input when input.name().equals(Random.KEY) -> tensors.put(input.name(), Draw.key(seed, 3));
                case Input input when grown.bounds().containsKey(input.name()) -> {
                    HostTensor index = HostTensor.zeros(type.dtype(), type.shape());
                    for (long i = 0; i < type.shape().elements(); i++) {
                        index.set(i, random.nextInt(grown.bounds().get(input.name())));
                    }
                    tensors.put(input.name(), index);
                }
                case Input input -> tensors.put(input.name(), gaussian(type, random, 0, 1));
                case StepScalar scalar -> tensors.put(scalar.name(), HostTensor.of(Shape.scalar(), 0.1f));
                case Parameter parameter when parameter.trainable() -> tensors.put(parameter.path(), gaussian(type, random, 0, 0.7));
                // Variances among them.
                case Parameter state -> tensors.put(state.path(), gaussian(type, random, 1, 0.1));
                default -> {
                }
            }
        }
        return tensors;
    }

    static HostTensor gaussian(TensorType type, SplittableRandom random, double mean, double deviation) {
        HostTensor tensor = HostTensor.zeros(type.dtype(), type.shape());
        for (long i = 0; i < type.shape().elements(); i++) {
            tensor.set(i, mean + deviation * random.nextGaussian());
        }
        return tensor;
    }
}
