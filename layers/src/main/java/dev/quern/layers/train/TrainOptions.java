package dev.quern.layers.train;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.layers.optim.Optimizer;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How to train.
 *
 * <p>Gradients are clipped and weights penalised by the optimizer: {@link Optimizer#clippedByNorm}, {@link Optimizer#penalised}.
 *
 * @param epochs         how often to see every sample, at least 1
 * @param batch          samples a step, at least 1
 * @param learningRate   the base rate, above 0
 * @param schedule       the course of the rate
 * @param optimizer      what turns gradients into updates
 * @param seed           decides initial values, order, augmentation and whatever the model draws
 * @param checkpoint     where to save after every epoch and when stopped
 * @param best           where to save after each epoch whose evaluation's headline metric is the best so far
 * @param patience       training ends after so many epochs in a row without a best one, at least 1
 * @param compile        how the training step is compiled
 */
public record TrainOptions(int epochs, int batch, double learningRate, Schedule schedule, Optimizer optimizer,
        long seed, Optional<Path> checkpoint, Optional<Path> best, OptionalInt patience, CompileOptions compile) {
    public TrainOptions {
        if (epochs < 1) {
            throw new QuernException("epochs is " + epochs + ", expected at least 1");
        }
        if (batch < 1) {
            throw new QuernException("batch is " + batch + ", expected at least 1");
        }
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new QuernException("learning rate is " + learningRate + ", expected a finite number above 0");
        }
        if (patience.isPresent() && patience.getAsInt() < 1) {
            throw new QuernException("patience is " + patience.getAsInt() + " epochs, expected at least 1");
        }
    }

    /** Ten epochs, batch 64, SGD with momentum 0.9 at 0.05 with a cosine schedule, seed 1, nothing saved. */
    public static TrainOptions defaults() {
        return new TrainOptions(10, 64, 0.05, Schedule.cosine(0), Sgd.momentum(0.9), 1, Optional.empty(),
                Optional.empty(), OptionalInt.empty(), CompileOptions.defaults());
    }

    /** This with another number of epochs. */
    public TrainOptions epochs(int value) {
        return new TrainOptions(value, batch, learningRate, schedule, optimizer, seed, checkpoint, best, patience, compile);
    }

    /** This with another batch. */
    public TrainOptions batch(int value) {
        return new TrainOptions(epochs, value, learningRate, schedule, optimizer, seed, checkpoint, best, patience, compile);
    }

    /** This with another base rate. */
    public TrainOptions learningRate(double value) {
        return new TrainOptions(epochs, batch, value, schedule, optimizer, seed, checkpoint, best, patience, compile);
    }

    /** This with another schedule. */
    public TrainOptions schedule(Schedule value) {
        return new TrainOptions(epochs, batch, learningRate, value, optimizer, seed, checkpoint, best, patience, compile);
    }

    /** This with another optimizer. */
    public TrainOptions optimizer(Optimizer value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, value, seed, checkpoint, best, patience, compile);
    }

    /** This with another seed. */
    public TrainOptions seed(long value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, value, checkpoint, best, patience, compile);
    }

    /** This with a file to save to. */
    public TrainOptions checkpoint(Path value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, seed, Optional.of(value), best, patience,
                compile);
    }

    /** This with a file for the best epoch's checkpoint. */
    public TrainOptions best(Path value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, seed, checkpoint, Optional.of(value), patience,
                compile);
    }

    /** This ending after so many epochs in a row that are not the best so far. */
    public TrainOptions patience(int value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, seed, checkpoint, best, OptionalInt.of(value),
                compile);
    }

    /** This with the training step compiled in another way. */
    public TrainOptions compile(CompileOptions value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, seed, checkpoint, best, patience, value);
    }
}
