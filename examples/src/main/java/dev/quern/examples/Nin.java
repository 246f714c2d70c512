package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.layers.nn.AdaptiveAvgPool2d;
import dev.quern.layers.nn.AvgPool2d;
import dev.quern.layers.nn.Blocks;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.Dropout;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Adam;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;

/**
 * Convolutions with a small perceptron at each pixel, and the mean over all pixels in place of dense layers. Lin, Chen, Yan, "Network in
 * network", 2013: the network for CIFAR-10 as its authors published it, but for less dropout, and {@link #fullSize} theirs for ImageNet. Logits have no ReLU
 * here, so that they may be negative.
 */
public final class Nin implements LargePictureModel {
    /** The authors' half is for hundreds of epochs of real pictures; with it, the small network learns nothing in the first few of digits. */
    private static final double DROPOUT = 0.1;

    @Override
    public Model model(int classes) {
        return new Model("nin", Shape.of(CHANNELS, SMALL, SMALL), classes, Sequential.joined(
                Blocks.nin(Blocks.conv(CHANNELS, 192, 5).padding(2), 160, 96),
                Sequential.of(MaxPool2d.of(window().ceilMode(true)), Dropout.of(DROPOUT)),
                Blocks.nin(Blocks.conv(96, 192, 5).padding(2), 192, 192),
                Sequential.of(AvgPool2d.of(window().ceilMode(true)), Dropout.of(DROPOUT)),
                last(Blocks.conv(192, 192, 3).padding(1), 192, classes)));
    }

    @Override
    public Model fullSize(int classes) {
        return new Model("nin", Shape.of(CHANNELS, LARGE, LARGE), classes, Sequential.joined(
                Blocks.nin(Blocks.conv(CHANNELS, 96, 11).stride(4), 96, 96), Sequential.of(MaxPool2d.of(window())),
                Blocks.nin(Blocks.conv(96, 256, 5).padding(2), 256, 256), Sequential.of(MaxPool2d.of(window())),
                Blocks.nin(Blocks.conv(256, 384, 3).padding(1), 384, 384), Sequential.of(MaxPool2d.of(window()), Dropout.of(0.5)),
                last(Blocks.conv(384, 1024, 3).padding(1), 1024, classes)));
    }

    private static Pool2dAttributes window() {
        return Pool2dAttributes.kernel(3).stride(2);
    }

    /** A block whose last channels are the classes, each averaged over the picture. */
    private static Sequential last(Conv2d convolution, int hidden, int classes) {
        Layer logits = Blocks.conv(hidden, classes, 1);
        return Sequential.of(convolution, relu(), Blocks.conv(convolution.outChannels(), hidden, 1), relu(), logits,
                AdaptiveAvgPool2d.of(1), Flatten.of());
    }

    @Override
    public String description() {
        return "network in network on 32 x 32 pictures (Lin, Chen, Yan, 2013)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(4).batch(32).learningRate(0.001).schedule(Schedule.cosine(0).warmedUp(0.5))
                .optimizer(Adam.standard());
    }
}
