package dev.quern.layers.optim;

/**
 * A scalar that the host computes before each step, in double precision.
 *
 * @param name  its name in the graph
 * @param value its value
 */
public record StepRule(String name, Value value) {
    /** The learning rate itself. */
    static final StepRule LEARNING_RATE = new StepRule(Optimizer.LEARNING_RATE, (step, rate) -> rate);

    /** Computes a step's value. */
    @FunctionalInterface
    public interface Value {
        /**
         * @param step         1 for the first step
         * @param learningRate the schedule's rate for this step
         */
        double at(long step, double learningRate);
    }
}
