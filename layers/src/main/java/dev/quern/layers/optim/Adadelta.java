package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;

/**
 * Adadelta (Zeiler, 2012) in PyTorch's form: with running means v of squared gradients and u of squared steps, the
 * parameter falls by rate times {@code sqrt(u + epsilon) / sqrt(v + epsilon) * g}.
 *
 * @param rho         decay of the running means, in [0, 1)
 * @param epsilon     added inside the roots
 * @param weightDecay of the L2 penalty
 */
public record Adadelta(double rho, double epsilon, double weightDecay) implements Optimizer {
    public Adadelta {
        Ranges.fraction("Adadelta's rho", rho);
        Ranges.positive("Adadelta's epsilon", epsilon);
        Ranges.notNegative("Adadelta's weight decay", weightDecay);
    }

    @Override
    public String description() {
        return "adadelta(rho=" + rho + ", epsilon=" + epsilon + ", weight_decay=" + weightDecay + ")";
    }

    @Override
    public void update(Update update, Value parameter, Value gradient) {
        GraphBuilder graph = update.graph();
        Value direction = update.decayed(gradient, weightDecay, parameter);
        Value squares = update.state("square_avg", parameter);
        Value steps = update.state("acc_delta", parameter);
        Value nextSquares = update.mix(rho, squares, 1 - rho, graph.square(direction));
        Value scale = graph.div(graph.sqrt(graph.add(steps, graph.constant(epsilon))),
                graph.sqrt(graph.add(nextSquares, graph.constant(epsilon))));
        Value step = graph.mul(scale, direction);
        update.assign(squares, nextSquares);
        update.assign(steps, update.mix(rho, steps, 1 - rho, graph.square(step)));
        update.descend(parameter, update.learningRate(), step);
    }
}
