package dev.quern.layers.text;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.TensorType;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.nn.LayerContext;
import dev.quern.layers.optim.Update;
import dev.quern.runtime.Device;
import java.util.List;
import java.util.TreeMap;

/**
 * A model's plan with a checkpoint's parameters. It owns both parts and borrows the device.
 *
 * @param state what the plan reads and writes
 * @param plan  the plan
 */
record RestoredPlan(State state, Plan plan) implements AutoCloseable {
    /**
     * Compiles a graph and loads the parameters that its layers declared.
     *
     * @throws dev.quern.runtime.QuernException if the checkpoint does not fit
     */
    static RestoredPlan of(GraphBuilder graph, LayerContext context, Checkpoint checkpoint, Device device) {
        TreeMap<String, TensorType> expected = new TreeMap<>();
        context.parameters().forEach(parameter -> expected.put(parameter.path(), new TensorType(parameter.dtype(), parameter.shape())));
        State state = State.create(device);
        try {
            Plan plan = Compiler.compile(graph.build(), device, state, CompileOptions.defaults());
            try {
                checkpoint.restore(state, expected, List.of(Update.NAMESPACE));
                return new RestoredPlan(state, plan);
            } catch (RuntimeException e) {
                plan.close();
                throw e;
            }
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try (State _ = state; Plan _ = plan) {
            // Closed in reverse order, each even if the other fails.
        }
    }
}
