package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;
import static dev.quern.layers.nn.Sequential.member;

import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.ResizedPictures;
import dev.quern.layers.data.Split;
import dev.quern.layers.nn.AdaptiveAvgPool2d;
import dev.quern.layers.nn.Blocks;
import dev.quern.layers.nn.Conv2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Dropout;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.LocalResponseNorm;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.nio.file.Path;

/**
 * Five convolutions, local response norm behind the first two, overlapping pooling, then dense layers with dropout. Krizhevsky, Sutskever,
 * Hinton, "ImageNet classification with deep convolutional neural networks", 2012, with the channels of its version for a single device
 * (Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014), which torchvision has too; names and counts of
 * parameters are torchvision's, which leaves the norms out.
 */
public final class AlexNet implements LargePictureModel {
    private static final double JITTER = 0.2;

    @Override
    public Model model(int classes) {
        return new Model("alexnet", Shape.of(CHANNELS, SMALL, SMALL), classes,
                network(Blocks.conv(CHANNELS, 64, 5).stride(2).padding(2), 1, 1024, 0.1, classes));
    }

    @Override
    public Model fullSize(int classes) {
        return new Model("alexnet", Shape.of(CHANNELS, LARGE, LARGE), classes,
                network(Blocks.conv(CHANNELS, 64, 11).stride(4).padding(2), 6, 4096, 0.5, classes));
    }

    /**
     * From the first convolution on.
     *
     * @param rows    rows and columns before the dense layers
     * @param width   of these
     * @param dropout before them: with the paper's half, the small network's 256 features tell nothing for hundreds of steps
     */
    private static Sequential network(Conv2d first, int rows, int width, double dropout, int classes) {
        Sequential features = Sequential.of(
                member("0", first), member("1", relu()), member("norm1", norm()), member("2", pool()),
                member("3", Blocks.conv(64, 192, 5).padding(2)), member("4", relu()), member("norm2", norm()), member("5", pool()),
                member("6", Blocks.conv(192, 384, 3).padding(1)), member("7", relu()),
                member("8", Blocks.conv(384, 256, 3).padding(1)), member("9", relu()),
                member("10", Blocks.conv(256, 256, 3).padding(1)), member("11", relu()), member("12", pool()));
        Sequential classifier = Sequential.of(
                Dropout.of(dropout), Blocks.dense(256 * rows * rows, width), relu(),
                Dropout.of(dropout), Blocks.dense(width, width), relu(),
                Dense.of(width, classes));
        return Sequential.of(member("features", features), member("avgpool", AdaptiveAvgPool2d.of(rows)),
                member("flatten", Flatten.of()), member("classifier", classifier));
    }

    private static MaxPool2d pool() {
        return MaxPool2d.of(Pool2dAttributes.kernel(3).stride(2));
    }

    /** The paper's k = 2, n = 5, alpha = 1e-4, beta = 0.75; alpha is that of a whole neighbourhood here. */
    private static LocalResponseNorm norm() {
        return LocalResponseNorm.of(5, 5e-4, 0.75, 2);
    }

    @Override
    public String description() {
        return "AlexNet (Krizhevsky, Sutskever, Hinton, 2012), made for 32 x 32 pictures";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(4).batch(32).learningRate(0.01).schedule(Schedule.cosine(0).warmedUp(0.5))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }

    /** As in the paper, colours change too. */
    @Override
    public Split<ImageDataset> data(Path folder) {
        return LargePictureModel.super.data(folder).training(pictures -> pictures.withColourJitter(JITTER, JITTER, JITTER));
    }

    @Override
    public Split<ResizedPictures> fullSizeData(Path folder) {
        return LargePictureModel.super.fullSizeData(folder).training(pictures -> pictures.withColourJitter(JITTER, JITTER, JITTER));
    }
}
