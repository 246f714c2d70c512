package dev.quern.layers.train;

import dev.quern.graph.compile.CompileOptions;
import dev.quern.layers.optim.Optimizer;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.runtime.QuernException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How to train.
 *
 * @param epochs         how often to see every sample, at least 1
 * @param batch          samples a step, at least 1
 * @param learningRate   the base rate, above 0
 * @param schedule       the course of the rate
 * @param optimizer      what turns gradients into updates
 * @param labelSmoothing the share of each target spread over all classes, in [0, 1)
 * @param randomShift    pixels by which each training image is moved at most, along both axes; 0 moves none
 * @param seed           decides initial values, order and augmentation
 * @param checkpoint     where to save after every epoch and when stopped
 * @param compile        how the training step is compiled
 */
public record TrainOptions(int epochs, int batch, double learningRate, Schedule schedule, Optimizer optimizer,
        double labelSmoothing, int randomShift, long seed, Optional<Path> checkpoint, CompileOptions compile) {
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
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new QuernException("label smoothing is " + labelSmoothing + ", expected 0 up to, but not, 1");
        }
        if (randomShift < 0) {
            throw new QuernException("random shift is " + randomShift + ", expected at least 0");
        }
    }

    /** Ten epochs, batch 64, SGD with momentum 0.9 at 0.05 with a cosine schedule, seed 1, nothing saved. */
    public static TrainOptions defaults() {
        return new TrainOptions(10, 64, 0.05, Schedule.cosine(0), Sgd.momentum(0.9), 0, 0, 1, Optional.empty(),
                CompileOptions.defaults());
    }

    /** This with another number of epochs. */
    public TrainOptions epochs(int value) {
        return new TrainOptions(value, batch, learningRate, schedule, optimizer, labelSmoothing,
                randomShift, seed, checkpoint, compile);
    }

    /** This with another batch. */
    public TrainOptions batch(int value) {
        return new TrainOptions(epochs, value, learningRate, schedule, optimizer, labelSmoothing,
                randomShift, seed, checkpoint, compile);
    }

    /** This with another base rate. */
    public TrainOptions learningRate(double value) {
        return new TrainOptions(epochs, batch, value, schedule, optimizer, labelSmoothing,
                randomShift, seed, checkpoint, compile);
    }

    /** This with another schedule. */
    public TrainOptions schedule(Schedule value) {
        return new TrainOptions(epochs, batch, learningRate, value, optimizer, labelSmoothing,
                randomShift, seed, checkpoint, compile);
    }

    /** This with another optimizer. */
    public TrainOptions optimizer(Optimizer value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, value, labelSmoothing,
                randomShift, seed, checkpoint, compile);
    }

    /** This with another label smoothing. */
    public TrainOptions labelSmoothing(double value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, value,
                randomShift, seed, checkpoint, compile);
    }

    /** This with training images moved at random by up to this many pixels. */
    public TrainOptions randomShift(int value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, labelSmoothing,
                value, seed, checkpoint, compile);
    }

    /** This with another seed. */
    public TrainOptions seed(long value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, labelSmoothing,
                randomShift, value, checkpoint, compile);
    }

    /** This with a file to save to. */
    public TrainOptions checkpoint(Path value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, labelSmoothing, randomShift, seed,
                Optional.of(value), compile);
    }

    /** This with the training step compiled in another way. */
    public TrainOptions compile(CompileOptions value) {
        return new TrainOptions(epochs, batch, learningRate, schedule, optimizer, labelSmoothing, randomShift, seed,
                checkpoint, value);
    }
}
