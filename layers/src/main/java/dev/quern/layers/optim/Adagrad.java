package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;

/**
 * Adagrad (Duchi, Hazan, Singer, JMLR 2011) in PyTorch's form: with s the sum of squared gradients, the parameter falls
 * by {@code rate * g / (sqrt(s) + epsilon)}.
 *
 * @param epsilon     added to the root
 * @param weightDecay of the L2 penalty
 */
public record Adagrad(double epsilon, double weightDecay) implements Optimizer {
    public Adagrad {
        Ranges.notNegative("Adagrad's epsilon", epsilon);
        Ranges.notNegative("Adagrad's weight decay", weightDecay);
    }

    @Override
    public String description() {
        return "adagrad(epsilon=" + epsilon + ", weight_decay=" + weightDecay + ")";
    }

    @Override
    public void update(Update update, Value parameter, Value gradient) {
        GraphBuilder graph = update.graph();
        Value direction = update.decayed(gradient, weightDecay, parameter);
        Value sum = update.state("sum", parameter);
        Value next = graph.add(sum, graph.square(direction));
        update.assign(sum, next);
        Value root = graph.add(graph.sqrt(next), graph.constant(epsilon));
        update.descend(parameter, update.learningRate(), graph.div(direction, root));
    }
}
