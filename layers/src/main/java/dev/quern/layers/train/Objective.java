package dev.quern.layers.train;

import dev.quern.graph.op.Value;

/**
 * Something that training makes small, and the parameters that it changes for that.
 *
 * @param name    for logs: {@code loss}, {@code discriminator}
 * @param loss    F32, shape []
 * @param modules the path of the module whose parameters it changes; empty for all of the model's
 */
public record Objective(String name, Value loss, String modules) {
    /** The only objective: all parameters serve it. */
    public static Objective of(Value loss) {
        return new Objective(ModelGraph.LOSS, loss, "");
    }

    /** Whether a parameter serves this objective. */
    boolean changes(String path) {
        return modules.isEmpty() || path.startsWith(modules + ".");
    }
}
