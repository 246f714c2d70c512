package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

import dev.quern.layers.data.Mnist;
import dev.quern.layers.data.Split;
import dev.quern.layers.data.SyntheticDigits;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.nio.file.Path;

/**
 * LeNet-5, which reads handwritten digits: two convolutions, each followed by pooling, then three dense layers. LeCun,
 * Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE, 1998; with
 * ReLU, max pooling and a softmax output in place of the paper's, as is usual today.
 */
public final class LeNet implements ExampleModel {
    @Override
    public Model model() {
        return new Model("lenet", Shape.of(1, 28, 28), 10, Sequential.of(
                new Conv2d(1, 6, 5).padding(2), relu(), new MaxPool2d(2),
                new Conv2d(6, 16, 5), relu(), new MaxPool2d(2),
                new Flatten(),
                new Dense(400, 120), relu(),
                new Dense(120, 84), relu(),
                new Dense(84, 10)));
    }

    @Override
    public String description() {
        return "LeNet-5 on 28 x 28 digits (LeCun et al., 1998)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(15).batch(64);
    }

    @Override
    public Split builtInData() {
        return SyntheticDigits.standard();
    }

    @Override
    public Split data(Path folder) {
        return Mnist.read(folder);
    }
}
