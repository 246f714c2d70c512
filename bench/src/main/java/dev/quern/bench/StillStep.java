package dev.quern.bench;

import dev.quern.graph.plan.Plan;
import dev.quern.layers.train.TrainOptions;
import dev.quern.layers.train.Trainer;

/** A training step that can be run any number of times: it reads one batch, draws the same random numbers and changes no parameter. */
final class StillStep {
    private StillStep() {
    }

    /**
     * The plan of a trainer, given all that such a step reads.
     *
     * @param options what the trainer was made with
     */
    static Plan of(Trainer trainer, TrainOptions options) {
        Plan plan = trainer.plan();
        trainer.feed(0, 0);
        // A rate of zero leaves the parameters as they are, however many steps are measured.
        options.optimizer().scalars().forEach(rule -> plan.setScalar(rule.name(), (float) rule.value().at(1, 0)));
        if (plan.isRandom()) {
            plan.setRandom(options.seed(), 0);
        }
        return plan;
    }
}
