package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/** Two hidden layers of 512 with ReLU: the multilayer perceptron. */
public final class Mlp implements DigitsModel {
    @Override
    public Model model() {
        return new Model("mlp", Shape.of(1, 28, 28), 10, Sequential.of(
                Flatten.of(),
                Dense.of(784, 512), relu(),
                Dense.of(512, 512), relu(),
                Dense.of(512, 10)));
    }

    @Override
    public String description() {
        return "a multilayer perceptron, 784-512-512-10, on digits";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(15).batch(128).learningRate(0.05).schedule(Schedule.cosine(0).warmedUp(1))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }

    @Override
    public int randomShift() {
        return 1;
    }
}
