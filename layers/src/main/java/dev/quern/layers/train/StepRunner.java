package dev.quern.layers.train;

import dev.quern.graph.plan.Plan;
import dev.quern.layers.data.BatchLoader;
import dev.quern.layers.optim.Horizon;
import dev.quern.layers.optim.StepRule;
import java.util.List;

/**
 * Runs training steps on a compiled plan. What a step does is decided by its number and the state alone: the scalars, the random
 * numbers and the batch are functions of it. Borrows the plan.
 */
final class StepRunner implements AutoCloseable {
    private final Plan plan;
    private final TrainOptions options;
    private final Horizon horizon;
    private final Feeder feeder;
    private final List<StepRule> rules;
    private final List<String> names;
    private final float[] losses;
    /** The step that the plan's inputs are for; -1 where somebody else may have changed them. */
    private long fed = -1;

    StepRunner(Task task, ModelGraph training, Plan plan, TrainOptions options, BatchLoader loader, Horizon horizon) {
        this.plan = plan;
        this.options = options;
        this.horizon = horizon;
        this.feeder = new Feeder(task, training, plan, options.batch(), loader);
        this.rules = options.optimizer().scalars();
        this.names = training.losses();
        this.losses = new float[names.size()];
    }

    /** The base rate times the schedule's factor, for a step that counts from 0. */
    double rate(long step) {
        return options.learningRate() * options.schedule().factor(step, horizon);
    }

    /** Fills a batch and nothing else; both count from 0. */
    void fill(long epoch, int number) {
        forget();
        feeder.fill(epoch, number);
    }

    /**
     * Gives the plan everything that a step reads, and the device where it can take it, while the step that was just run is still at work; {@link #feed} has nothing left to do
     * for it then. Nobody else may give the plan anything in between.
     */
    void feedAhead(long step) {
        feed(step);
        plan.handOver();
        fed = step;
    }

    /** Says that somebody else may have given the plan something. */
    void forget() {
        fed = -1;
    }

    /** Gives the plan everything that a step reads; steps count from 0. */
    void feed(long step) {
        boolean ahead = fed == step;
        forget();
        if (ahead) {
            return;
        }
        double rate = rate(step);
        for (int i = 0; i < rules.size(); i++) {
            plan.setScalar(rules.get(i).name(), (float) rules.get(i).value().at(step + 1, rate));
        }
        if (plan.isRandom()) {
            plan.setRandom(options.seed(), step);
        }
        feeder.fill(step / horizon.stepsPerEpoch(), (int) (step % horizon.stepsPerEpoch()));
    }

    /** Waits for the losses of the step that was run: one an objective, valid until the next call. */
    float[] losses() {
        for (int i = 0; i < losses.length; i++) {
            losses[i] = plan.scalar(names.get(i));
        }
        return losses;
    }

    /** Runs a step, which counts from 0, and waits for its losses. */
    float[] run(long step) {
        feed(step);
        plan.run();
        return losses();
    }

    /** Which of the last step's losses is not finite; -1 if all are. */
    int firstNotFinite() {
        for (int i = 0; i < losses.length; i++) {
            if (!Float.isFinite(losses[i])) {
                return i;
            }
        }
        return -1;
    }

    /** Ends the filling of batches. */
    @Override
    public void close() {
        feeder.close();
    }
}
