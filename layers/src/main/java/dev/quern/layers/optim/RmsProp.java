package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;

/**
 * RMSprop (Tieleman and Hinton, lecture 6.5, 2012) in PyTorch's form: with v the running mean of squared gradients,
 * less the squared running mean of gradients if centred, the parameter falls by rate times b, where
 * {@code b = momentum b + g / (sqrt(v) + epsilon)}.
 *
 * @param alpha       decay of the running means, in [0, 1)
 * @param epsilon     added to the root
 * @param momentum    in [0, 1)
 * @param centered    whether to subtract the squared mean
 * @param weightDecay of the L2 penalty
 */
public record RmsProp(double alpha, double epsilon, double momentum, boolean centered, double weightDecay)
        implements Optimizer {
    public RmsProp {
        Ranges.fraction("RMSprop's alpha", alpha);
        Ranges.notNegative("RMSprop's epsilon", epsilon);
        Ranges.fraction("RMSprop's momentum", momentum);
        Ranges.notNegative("RMSprop's weight decay", weightDecay);
    }

    @Override
    public String description() {
        return "rmsprop(alpha=" + alpha + ", epsilon=" + epsilon + ", momentum=" + momentum + ", centered=" + centered
                + ", weight_decay=" + weightDecay + ")";
    }

    @Override
    public void update(Update update, Value parameter, Value gradient) {
        GraphBuilder graph = update.graph();
        Value direction = update.decayed(gradient, weightDecay, parameter);
        Value squares = update.state("square_avg", parameter);
        Value nextSquares = update.mix(alpha, squares, 1 - alpha, graph.square(direction));
        update.assign(squares, nextSquares);
        Value variance = nextSquares;
        if (centered) {
            Value mean = update.state("grad_avg", parameter);
            Value nextMean = update.mix(alpha, mean, 1 - alpha, direction);
            update.assign(mean, nextMean);
            variance = graph.sub(nextSquares, graph.square(nextMean));
        }
        Value step = graph.div(direction, graph.add(graph.sqrt(variance), graph.constant(epsilon)));
        if (momentum > 0) {
            Value buffer = update.state("momentum_buffer", parameter);
            step = update.mix(momentum, buffer, 1, step);
            update.assign(buffer, step);
        }
        update.descend(parameter, update.learningRate(), step);
    }
}
