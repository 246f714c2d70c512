package dev.quern.examples.command;

import dev.quern.examples.ExampleModel;
import dev.quern.layers.checkpoint.Checkpoint;
import dev.quern.layers.train.Evaluator;
import java.io.PrintWriter;

/** Loads a checkpoint for commands that use a model. */
final class Weights {
    private Weights() {
    }

    /** Loads it and says in one line what of it the model has no place for, if that is to be expected. */
    static void load(Evaluator evaluator, Checkpoint checkpoint, ExampleModel model, PrintWriter out) {
        int passedOver = evaluator.load(checkpoint, model.leftOver());
        if (passedOver > 0) {
            out.println(checkpoint.path() + ": " + passedOver + " tensors passed over that " + model.name() + " has no place for: "
                    + String.join(", ", model.leftOver().stream().map(prefix -> prefix + "*").toList()));
        }
    }
}
