package dev.quern.graph.op;

import java.util.Optional;

/**
 * What an op's gradient rule sees: the node's inputs, outputs and incoming gradients, and where its contributions go. The
 * engine behind it adds up contributions and sums out broadcast axes, so a rule states the plain formula.
 */
public interface Backward {
    /** Emits ordinary nodes. */
    Emitter emit();

    /** An input of the node. */
    Value input(int index);

    /** An output of the node. */
    Value output(int index);

    /** The gradient that flows into an output; empty where none does. */
    Optional<Value> gradient(int output);

    /** The gradient that flows into the first output, which is present for every node whose rule is called. */
    default Value gradient() {
        return gradient(0).orElseThrow(() -> new IllegalStateException(
                "no gradient flows into the first output of " + output(0).name()));
    }

    /** Whether a gradient for this input is needed at all. */
    boolean wants(int input);

    /**
     * Adds a contribution to an input's gradient.
     *
     * @param input    the input's position
     * @param gradient a tensor of the input's shape, or of a shape that the input's broadcasts to
     */
    void to(int input, Value gradient);
}
