package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.layers.nn.Blocks;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.LocalResponseNorm;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/**
 * Two convolutions with overlapping pooling and local response norm, then three dense layers: the small network for CIFAR-10 that goes back
 * to Krizhevsky's cuda-convnet (2011).
 */
public final class CifarCnn implements PictureModel {
    @Override
    public Model model(int classes) {
        return new Model("cifar-cnn", Shape.of(CHANNELS, SMALL, SMALL), classes, Sequential.of(
                Blocks.conv(CHANNELS, 32, 5).padding(2), relu(), pool(), norm(),
                Blocks.conv(32, 64, 5).padding(2), relu(), norm(), pool(),
                Flatten.of(),
                Dense.of(64 * 7 * 7, 384), relu(),
                Dense.of(384, 192), relu(),
                Dense.of(192, classes)));
    }

    private static MaxPool2d pool() {
        return MaxPool2d.of(Pool2dAttributes.kernel(3).stride(2));
    }

    private static LocalResponseNorm norm() {
        return LocalResponseNorm.of(9, 0.01, 0.75, 1);
    }

    @Override
    public String description() {
        return "two convolutions and three dense layers on 32 x 32 pictures (after Krizhevsky's cuda-convnet)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(6).batch(64).learningRate(0.02).schedule(Schedule.cosine(0).warmedUp(1))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }
}
