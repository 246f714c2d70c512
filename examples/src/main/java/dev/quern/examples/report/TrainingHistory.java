package dev.quern.examples.report;

import dev.quern.layers.train.Evaluation;
import dev.quern.layers.train.TrainingEvent;
import dev.quern.layers.train.TrainingListener;
import java.util.ArrayList;
import java.util.List;

/** Remembers what training told: steps, epochs and evaluations in their order. */
public final class TrainingHistory implements TrainingListener {
    private final List<TrainingEvent.Step> steps = new ArrayList<>();
    private final List<TrainingEvent.Epoch> epochs = new ArrayList<>();
    private final List<Evaluation> evaluations = new ArrayList<>();

    @Override
    public void on(TrainingEvent event) {
        switch (event) {
            case TrainingEvent.Step step -> steps.add(step);
            case TrainingEvent.Epoch epoch -> epochs.add(epoch);
            case TrainingEvent.Evaluated evaluated -> evaluations.add(evaluated.evaluation());
            case TrainingEvent.Started _, TrainingEvent.Saved _ -> {
                // Nothing to draw.
            }
        }
    }

    List<TrainingEvent.Step> steps() {
        return steps;
    }

    List<TrainingEvent.Epoch> epochs() {
        return epochs;
    }

    /** One an epoch. */
    List<Evaluation> evaluations() {
        return evaluations;
    }
}
