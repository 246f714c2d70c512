package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import java.util.List;

/**
 * An optimizer whose gradients are clipped first.
 *
 * @param inner    takes the clipped gradients
 * @param clipping what is done to them
 */
record Clipped(Optimizer inner, Clipping clipping) implements Optimizer {
    @Override
    public String description() {
        return clipping.description() + " " + inner.description();
    }

    @Override
    public List<StepRule> scalars() {
        return inner.scalars();
    }

    @Override
    public List<Value> prepare(GraphBuilder graph, List<Value> parameters, List<Value> gradients) {
        List<Value> clipped;
        try (GraphBuilder.Scope _ = graph.scope("clip")) {
            clipped = clipping.apply(graph, gradients);
        }
        return inner.prepare(graph, parameters, clipped);
    }

    @Override
    public void update(Update update, Value parameter, Value gradient) {
        inner.update(update, parameter, gradient);
    }
}
