package dev.quern.layers.optim;

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

    /** Emits the update of one parameter. */
    void update(Update update, Value parameter, Value gradient);
}
