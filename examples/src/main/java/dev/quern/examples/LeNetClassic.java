package dev.quern.examples;

import static dev.quern.layers.nn.Activation.sigmoid;

import dev.quern.layers.init.Initializer;
import dev.quern.layers.nn.AvgPool2d;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/**
 * LeNet-5 closer to its first form: sigmoids and average pooling. LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to
 * document recognition", Proceedings of the IEEE, 1998; with a softmax output in place of the paper's radial basis functions.
 */
public final class LeNetClassic implements DigitsModel {
    @Override
    public Model model() {
        return new Model("lenet-classic", Shape.of(1, 28, 28), 10, Sequential.of(
                conv(1, 6).padding(2), sigmoid(), AvgPool2d.of(2),
                conv(6, 16), sigmoid(), AvgPool2d.of(2),
                Flatten.of(),
                dense(400, 120), sigmoid(),
                dense(120, 84), sigmoid(),
                dense(84, 10)));
    }

    /** Sigmoids saturate with larger initial weights, and learn nothing for long with smaller ones (Glorot and Bengio, 2010). */
    private static Conv2d conv(int in, int out) {
        return Conv2d.of(in, out, 5).init(Initializer.xavierUniform(), Initializer.zeros());
    }

    private static Dense dense(int in, int out) {
        return Dense.of(in, out).init(Initializer.xavierUniform(), Initializer.zeros());
    }

    @Override
    public String description() {
        return "LeNet-5 with sigmoids and average pooling, closer to 1998";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(20).batch(64).learningRate(0.002).optimizer(Adam.standard());
    }
}
