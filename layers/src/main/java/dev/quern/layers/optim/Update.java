package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.ir.SourceLine;
import dev.quern.graph.op.Value;
import dev.quern.runtime.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What an optimizer emits one parameter's update into: the graph, the step's scalars, the parameter's own state. */
public final class Update {
    /** The beginning of every path of optimizer state; no module's name has a slash, so none collides. */
    public static final String NAMESPACE = "optimizer/";

    private final GraphBuilder graph;
    private final Map<String, Value> scalars;
    private final String path;

    private Update(GraphBuilder graph, Map<String, Value> scalars, String path) {
        this.graph = graph;
        this.scalars = scalars;
        this.path = path;
    }

    /**
     * Emits the updates of all parameters.
     *
     * @param paths      the parameters' paths
     * @param parameters their values in the graph
     * @param gradients  their gradients, in the same order
     */
    public static void emit(GraphBuilder graph, Optimizer optimizer, List<String> paths, List<Value> parameters,
            List<Value> gradients) {
        Map<String, Value> scalars = new HashMap<>();
        for (StepRule rule : optimizer.scalars()) {
            scalars.put(rule.name(), graph.stepScalar(rule.name()));
        }
        List<Value> prepared = optimizer.prepare(graph, parameters, gradients);
        for (int i = 0; i < parameters.size(); i++) {
            // An update belongs to the line of the layer whose parameter it changes.
            SourceLine line = graph.resolve(parameters.get(i)).node().source();
            try (GraphBuilder.Scope _ = graph.scope("optimizer." + paths.get(i), line)) {
                optimizer.update(new Update(graph, scalars, paths.get(i)), parameters.get(i), prepared.get(i));
            }
        }
    }

    /** Where nodes go. */
    public GraphBuilder graph() {
        return graph;
    }

    /** A scalar that the optimizer declared. */
    public Value scalar(String name) {
        Value scalar = scalars.get(name);
        if (scalar == null) {
            throw new IllegalArgumentException("the optimizer declares no scalar " + name);
        }
        return scalar;
    }

    /** The step's learning rate, F32 []. */
    public Value learningRate() {
        return scalar(Optimizer.LEARNING_RATE);
    }

    /** State of the parameter's own shape, zero at first, under {@code optimizer/NAME/PATH}: {@code exp_avg}. */
    public Value state(String name, Value parameter) {
        return graph.state(NAMESPACE + name + "/" + path, DType.F32, parameter.shape());
    }

    /** Gives the parameter or its state a new value at the end of the step. */
    public void assign(Value target, Value value) {
        graph.assign(target, value);
    }

    /** {@code keep * old + add * new}. */
    Value mix(double keep, Value old, double add, Value fresh) {
        return graph.add(graph.mul(graph.constant(keep), old), graph.mul(graph.constant(add), fresh));
    }

    /** {@code gradient + decay * parameter}: the gradient of an L2 penalty added. */
    Value decayed(Value gradient, double decay, Value parameter) {
        return decay == 0 ? gradient : graph.add(gradient, graph.mul(graph.constant(decay), parameter));
    }

    /** Assigns {@code parameter - rate * direction}. */
    void descend(Value parameter, Value rate, Value direction) {
        graph.assign(parameter, graph.sub(parameter, graph.mul(rate, direction)));
    }
}
