package dev.quern.layers.optim;

import dev.quern.graph.op.Emitter;
import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;
import java.util.List;

/** Keeps gradients from growing without bound. Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", 2013. */
public sealed interface Clipping {
    /** What PyTorch adds to the norm, so that gradients of zero stay so. */
    double EPSILON = 1e-6;

    /**
     * Every element kept within a range; PyTorch's {@code clip_grad_value_}.
     *
     * @param limit its largest magnitude, above 0
     */
    record ByValue(double limit) implements Clipping {
        public ByValue {
            requireLimit("the largest gradient", limit);
        }

        @Override
        public List<Value> apply(Emitter graph, List<Value> gradients) {
            return gradients.stream().map(gradient -> graph.clamp(gradient, -limit, limit)).toList();
        }

        @Override
        public String description() {
            return "clip_value(" + limit + ")";
        }
    }

    /**
     * All gradients times {@code limit / (norm + 1e-6)} where that is below 1, with the root of the sum of all their squares as the
     * norm; PyTorch's {@code clip_grad_norm_}.
     *
     * @param limit the largest norm, above 0
     */
    record ByGlobalNorm(double limit) implements Clipping {
        public ByGlobalNorm {
            requireLimit("the largest norm of gradients", limit);
        }

        @Override
        public List<Value> apply(Emitter graph, List<Value> gradients) {
            Value squares = gradients.stream().map(gradient -> graph.reduceSum(graph.square(gradient), false)).reduce(graph::add)
                    .orElseThrow(() -> new QuernException("there are no gradients to clip"));
            Value norm = graph.add(graph.sqrt(squares), graph.constant(EPSILON));
            Value factor = graph.minimum(graph.div(graph.constant(limit), norm), graph.constant(1));
            return gradients.stream().map(gradient -> graph.mul(gradient, factor)).toList();
        }

        @Override
        public String description() {
            return "clip_norm(" + limit + ")";
        }
    }

    /**
     * Emits the clipping of all gradients of one objective.
     *
     * @param gradients F32, of any shapes
     * @return as many, of the same shapes
     */
    List<Value> apply(Emitter graph, List<Value> gradients);

    /** A text that tells clippings apart: {@code clip_norm(1.0)}. */
    String description();

    private static void requireLimit(String what, double limit) {
        Ranges.positive(what, limit);
    }
}
