package dev.quern.layers.optim;

import dev.quern.graph.op.Value;
import dev.quern.runtime.QuernException;

/**
 * Stochastic gradient descent; PyTorch's {@code SGD}: with d = g + weightDecay p and b = momentum b + d, the parameter
 * falls by rate times b, or by rate times (d + momentum b) with Nesterov's momentum.
 *
 * @param momentum    in [0, 1)
 * @param nesterov    whether to look ahead; needs momentum
 * @param weightDecay of the L2 penalty
 */
public record Sgd(double momentum, boolean nesterov, double weightDecay) implements Optimizer {
    public Sgd {
        Ranges.fraction("SGD's momentum", momentum);
        Ranges.notNegative("SGD's weight decay", weightDecay);
        if (nesterov && momentum == 0) {
            throw new QuernException("SGD: Nesterov's momentum needs a momentum above 0");
        }
    }

    /** Without momentum or decay. */
    public static Sgd plain() {
        return new Sgd(0, false, 0);
    }

    /** With momentum. */
    public static Sgd momentum(double momentum) {
        return new Sgd(momentum, false, 0);
    }

    /** This with an L2 penalty. */
    public Sgd decay(double weightDecay) {
        return new Sgd(momentum, nesterov, weightDecay);
    }

    @Override
    public String description() {
        return "sgd(momentum=" + momentum + ", nesterov=" + nesterov + ", weight_decay=" + weightDecay + ")";
    }

    @Override
    public void update(Update update, Value parameter, Value gradient) {
        Value direction = update.decayed(gradient, weightDecay, parameter);
        if (momentum > 0) {
            // From a buffer of zeros the first step leaves the gradient itself in it, as PyTorch does.
            Value buffer = update.state("momentum_buffer", parameter);
            Value next = update.mix(momentum, buffer, 1, direction);
            update.assign(buffer, next);
            direction = nesterov ? update.mix(1, direction, momentum, next) : next;
        }
        update.descend(parameter, update.learningRate(), direction);
    }
}
