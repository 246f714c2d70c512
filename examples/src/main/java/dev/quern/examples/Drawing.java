package dev.quern.examples;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.random.RandomStream;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;

/** A part of a trained model run once over numbers that are given. */
final class Drawing {
    private Drawing() {
    }

    /**
     * Runs a layer as in evaluation.
     *
     * @param module the layer's path in the model
     * @param layer  the layer
     * @param state  holds its parameters
     * @param input  F32
     */
    static HostTensor run(String module, Layer layer, State state, HostTensor input) {
        GraphBuilder graph = new GraphBuilder(module);
        Value output = LayerContext.root(graph, false).build(module, layer, graph.input("input", DType.F32, input.shape()));
        graph.output("output", output);
        try (Plan plan = Compiler.compile(graph.build(), state.device(), state, CompileOptions.defaults())) {
            plan.set("input", input);
            plan.run();
            return plan.read("output");
        }
    }

    /** Rows of numbers with mean 0 and variance 1, the same for equal seeds. */
    static HostTensor noise(long seed, int rows, int columns) {
        HostTensor noise = HostTensor.zeros(DType.F32, Shape.of(rows, columns));
        RandomStream random = new RandomStream(seed, "drawing", 0);
        for (long i = 0; i < noise.shape().elements(); i++) {
            noise.set(i, random.normal());
        }
        return noise;
    }
}
