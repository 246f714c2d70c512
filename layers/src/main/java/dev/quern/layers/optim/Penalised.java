package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import dev.quern.kernels.expr.Expressions;
import java.util.ArrayList;
import java.util.List;

/**
 * An optimizer to whose gradients those of a penalty on weights are added: {@code l1 * sum|w| + l2 / 2 * sum w^2}. Parameters with
 * fewer than two axes, biases and scales, are not penalised. The losses that are reported are without the penalty.
 *
 * @param inner takes the gradients of loss and penalty together
 * @param l1    times the sum of magnitudes, at least 0
 * @param l2    times half the sum of squares, at least 0
 */
record Penalised(Optimizer inner, double l1, double l2) implements Optimizer {
    Penalised {
        Ranges.notNegative("the L1 penalty", l1);
        Ranges.notNegative("the L2 penalty", l2);
    }

    @Override
    public String description() {
        return "penalty(l1=" + l1 + ", l2=" + l2 + ") " + inner.description();
    }

    @Override
    public List<StepRule> scalars() {
        return inner.scalars();
    }

    @Override
    public List<Value> prepare(GraphBuilder graph, List<Value> parameters, List<Value> gradients) {
        List<Value> penalised = new ArrayList<>(gradients);
        try (GraphBuilder.Scope _ = graph.scope("penalty")) {
            for (int i = 0; i < penalised.size(); i++) {
                Value weight = parameters.get(i);
                if (weight.shape().rank() >= 2) {
                    penalised.set(i, add(graph, gradients.get(i), weight));
                }
            }
        }
        return inner.prepare(graph, parameters, penalised);
    }

    private Value add(GraphBuilder graph, Value gradient, Value weight) {
        Value sum = gradient;
        if (l1 > 0) {
            Value slope = graph.apply("l1", Expressions.mul(Expressions.constant(l1), Expressions.sign(Expressions.input(0))), weight);
            sum = graph.add(sum, slope);
        }
        return l2 > 0 ? graph.add(sum, graph.mul(graph.constant(l2), weight)) : sum;
    }

    @Override
    public void update(Update update, Value parameter, Value gradient) {
        inner.update(update, parameter, gradient);
    }
}
