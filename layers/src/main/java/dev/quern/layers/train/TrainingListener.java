package dev.quern.layers.train;

/** Is told what a trainer does, on the trainer's thread; what it takes is not counted as step time. */
@FunctionalInterface
public interface TrainingListener {
    void on(TrainingEvent event);
}
