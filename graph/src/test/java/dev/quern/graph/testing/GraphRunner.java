package dev.quern.graph.testing;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.graph.compile.Compiler;
import dev.quern.graph.interp.Interpreter;
import dev.quern.graph.ir.Graph;
import dev.quern.graph.ir.Node;
import dev.quern.graph.op.Parameter;
import dev.quern.graph.op.StepScalar;
import dev.quern.graph.plan.Plan;
import dev.quern.graph.plan.State;
import dev.quern.kernels.select.Families;
import dev.quern.runtime.Device;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.HashMap;
import java.util.Map;

/** Steps through a graph in one of two ways that tests can treat alike: as a plan on a device, or by the interpreter. */
public interface GraphRunner extends AutoCloseable {
    /** Sets a tensor of the state. */
    void write(String path, HostTensor tensor);

    /** Sets an input. */
    void set(String input, HostTensor tensor);

    /** Runs a step. */
    void run();

    /** An output of the last step. */
    HostTensor output(String name);

    /** A tensor of the state. */
    HostTensor state(String path);

    @Override
    void close();

    /** Sets a step scalar. */
    default void setScalar(String name, double value) {
        set(name, HostTensor.of(Shape.scalar(), (float) value));
    }

    /** Where runners come from: {@code reference} for the interpreter, else a device's id. */
    @FunctionalInterface
    interface Factory {
        GraphRunner of(Graph graph);
    }

    /** A plan on a device with a state of its own. */
    static GraphRunner on(Device device, Graph graph, CompileOptions options) {
        State state = State.create(device);
        Plan plan;
        try {
            plan = Compiler.compile(graph, device, state, options);
        } catch (RuntimeException e) {
            state.close();
            throw e;
        }
        return new GraphRunner() {
            @Override
            public void write(String path, HostTensor tensor) {
                state.write(path, tensor);
            }

            @Override
            public void set(String input, HostTensor tensor) {
                plan.set(input, tensor);
            }

            @Override
            public void run() {
                plan.run();
            }

            @Override
            public HostTensor output(String name) {
                return plan.read(name);
            }

            @Override
            public HostTensor state(String path) {
                return state.read(path);
            }

            @Override
            public void close() {
                plan.close();
                state.close();
            }
        };
    }

    /** The interpreter, with zeros where nothing was written. */
    static GraphRunner reference(Graph graph) {
        Map<String, HostTensor> leaves = new HashMap<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Parameter || node.op() instanceof StepScalar) {
                leaves.put(node.name(), HostTensor.zeros(node.types().getFirst().dtype(), node.types().getFirst().shape()));
            }
        }
        Interpreter interpreter = new Interpreter(Families.load());
        return new GraphRunner() {
            private Map<String, HostTensor> outputs = Map.of();

            @Override
            public void write(String path, HostTensor tensor) {
                leaves.put(path, tensor);
            }

            @Override
            public void set(String input, HostTensor tensor) {
                leaves.put(input, tensor);
            }

            @Override
            public void run() {
                Interpreter.Result result = interpreter.run(graph, leaves);
                outputs = result.outputs();
                leaves.putAll(result.assigned());
            }

            @Override
            public HostTensor output(String name) {
                return outputs.get(name);
            }

            @Override
            public HostTensor state(String path) {
                return leaves.get(path);
            }

            @Override
            public void close() {
                // Owns nothing.
            }
        };
    }
}
