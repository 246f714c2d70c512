package dev.quern.examples;

import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/** A single layer: each class is a weighted sum of the pixels. What every other model has to beat. */
public final class SoftmaxRegression implements DigitsModel {
    @Override
    public Model model() {
        return new Model("softmax-regression", Shape.of(1, 28, 28), 10, Sequential.of(Flatten.of(), Dense.of(784, 10)));
    }

    @Override
    public String description() {
        return "one dense layer on 28 x 28 digits";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(15).batch(64).learningRate(0.01).schedule(Schedule.cosine(0))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }
}
