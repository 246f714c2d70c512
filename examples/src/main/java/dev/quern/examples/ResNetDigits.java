package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;
import static dev.quern.layers.nn.BatchNorm.batchNorm2d;
import static dev.quern.layers.nn.Sequential.member;

import dev.quern.layers.nn.AdaptiveAvgPool2d;
import dev.quern.layers.nn.Blocks;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/**
 * A small residual network for digits: a block each at 28 x 28, 14 x 14 and 7 x 7 pixels, with 16, 32 and 64 channels. He, Zhang, Ren, Sun,
 * "Deep residual learning for image recognition", 2015, section 4.2, with n = 1.
 */
public final class ResNetDigits implements DigitsModel {
    @Override
    public Model model() {
        return new Model("resnet-digits", Shape.of(1, 28, 28), 10, Sequential.of(
                member("conv1", Blocks.conv(1, 16, 3).padding(1).withoutBias()), member("bn1", batchNorm2d(16)), member("relu", relu()),
                member("layer1", Blocks.residual(16, 16, 1)),
                member("layer2", Blocks.residual(16, 32, 2)),
                member("layer3", Blocks.residual(32, 64, 2)),
                member("avgpool", AdaptiveAvgPool2d.of(1)), member("flatten", Flatten.of()),
                member("fc", Dense.of(64, 10))));
    }

    @Override
    public String description() {
        return "a residual network of 8 layers on 28 x 28 digits (He, Zhang, Ren, Sun, 2015)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(8).batch(64).learningRate(0.1).schedule(Schedule.cosine(0).warmedUp(1))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }

    @Override
    public int randomShift() {
        return 1;
    }
}
