package dev.quern.examples;

import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Dropout;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;

/** Two hidden layers of 512: the multilayer perceptron, with the activation and the dropout that the user chooses. */
public final class Mlp implements DigitsModel {
    private static final String ACTIVATION = "activation";
    private static final String DROPOUT = "dropout";

    private final Settings settings;

    /** With ReLU and without dropout. */
    public Mlp() {
        this(Settings.of(
                Setting.choice(ACTIVATION, "behind each hidden layer", "relu", List.of("relu", "tanh", "sigmoid", "elu")),
                Setting.number(DROPOUT, "share of hidden units that a training step leaves out", 0, 0, 0.9)));
    }

    private Mlp(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Settings settings() {
        return settings;
    }

    @Override
    public Mlp with(Settings chosen) {
        return new Mlp(chosen);
    }

    @Override
    public Model model() {
        List<Layer> layers = new ArrayList<>(List.of(Flatten.of()));
        for (int inputs : new int[] {784, 512}) {
            layers.add(Dense.of(inputs, 512));
            layers.add(activation());
            if (settings.number(DROPOUT) > 0) {
                layers.add(Dropout.of(settings.number(DROPOUT)));
            }
        }
        layers.add(Dense.of(512, 10));
        return new Model("mlp", Shape.of(1, 28, 28), 10, Sequential.of(layers.toArray(Layer[]::new)));
    }

    private Activation activation() {
        return switch (settings.text(ACTIVATION)) {
            case "tanh" -> Activation.tanh();
            case "sigmoid" -> Activation.sigmoid();
            case "elu" -> Activation.elu(1);
            default -> Activation.relu();
        };
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
