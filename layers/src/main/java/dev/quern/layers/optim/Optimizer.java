package dev.quern.layers.optim;

import dev.quern.graph.ir.GraphBuilder;
import dev.quern.graph.op.Value;
import java.util.List;

/**
 * A rule that turns gradients into new parameters. It emits nodes once, when the graph of a training step is built; what
 * changes from step to step comes in through scalars that the host sets before each step.
 */
public interface Optimizer {
    /** The name of the scalar that holds the learning rate. */
    String LEARNING_RATE = "optimizer/learning_rate";

    /** A text that tells optimizers with different behaviour apart: {@code sgd(momentum=0.9)}. */
    String description();

    /** The scalars that the host sets before each step, the learning rate among them if it is used. */
    default List<StepRule> scalars() {
        return List.of(StepRule.LEARNING_RATE);
    }

    /**
     * Emits what has to be done with all gradients of an objective together before each parameter's update, such as clipping.
     *
     * @param parameters what is trained
     * @param gradients  their gradients, in the same order
     * @return the gradients for {@link #update}, in the same order
     */
    default List<Value> prepare(GraphBuilder graph, List<Value> parameters, List<Value> gradients) {
        return gradients;
    }

    /** This with the norm of all gradients together kept from exceeding a limit; see {@link Clipping.ByGlobalNorm}. */
    default Optimizer clippedByNorm(double limit) {
        return clipped(new Clipping.ByGlobalNorm(limit));
    }

    /** This with every element of the gradients kept within {@code [-limit, limit]}. */
    default Optimizer clippedByValue(double limit) {
        return clipped(new Clipping.ByValue(limit));
    }

    /** This with gradients clipped first. */
    default Optimizer clipped(Clipping clipping) {
        return new Clipped(this, clipping);
    }

    /**
     * This with a penalty {@code l1 * sum|w| + l2 / 2 * sum w^2} on all weights, parameters with two axes or more. A penalty added to a
     * clipped optimizer is clipped with the gradients. Unlike a decay of the optimizer's own it leaves biases alone.
     */
    default Optimizer penalised(double l1, double l2) {
        return l1 == 0 && l2 == 0 ? this : new Penalised(this, l1, l2);
    }

    /** Emits the update of one parameter. */
    void update(Update update, Value parameter, Value gradient);
}
