package dev.quern.examples;

import static dev.quern.layers.nn.Blocks.conv;
import static dev.quern.layers.nn.Blocks.convNormRelu;
import static dev.quern.layers.nn.Blocks.inception;
import static dev.quern.layers.nn.Sequential.member;

import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.layers.data.Normalisation;
import dev.quern.layers.nn.Activation;
import dev.quern.layers.nn.AdaptiveAvgPool2d;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Dropout;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.util.List;

/**
 * Nine inception blocks behind three convolutions. Szegedy et al., "Going deeper with convolutions", 2014, table 1, with batch norm and the
 * names of torchvision. {@link #model} is the same network on smaller pictures. Its two auxiliary heads are {@link GoogLeNetWithHeads}.
 */
public final class GoogLeNet implements LargePictureModel {
    @Override
    public Model model(int classes) {
        return new Model("googlenet", Shape.of(CHANNELS, SMALL, SMALL), classes, network(classes));
    }

    @Override
    public Model fullSize(int classes) {
        return new Model("googlenet", Shape.of(CHANNELS, LARGE, LARGE), classes, network(classes));
    }

    /** torchvision's weights for this network expect levels between -1 and 1, not ImageNet's mean and deviation. */
    @Override
    public Normalisation fullSizeNormalisation() {
        return new Normalisation(List.of(0.5), List.of(0.5));
    }

    private static Layer network(int classes) {
        return (context, x) -> top(classes).build(context, middle().build(context, bottom().build(context, x)));
    }

    /** Up to where the first auxiliary head reads: 512 channels. */
    static Sequential bottom() {
        return Sequential.of(
                member("conv1", convNormRelu(conv(CHANNELS, 64, 7).stride(2).padding(3))),
                member("maxpool1", pool(3)),
                member("conv2", convNormRelu(conv(64, 64, 1))),
                member("conv3", convNormRelu(conv(64, 192, 3).padding(1))),
                member("maxpool2", pool(3)),
                member("inception3a", inception(192, 64, 96, 128, 16, 32, 32)),
                member("inception3b", inception(256, 128, 128, 192, 32, 96, 64)),
                member("maxpool3", pool(3)),
                member("inception4a", inception(480, 192, 96, 208, 16, 48, 64)));
    }

    /** From there to where the second one reads: 528 channels. */
    static Sequential middle() {
        return Sequential.of(
                member("inception4b", inception(512, 160, 112, 224, 24, 64, 64)),
                member("inception4c", inception(512, 128, 128, 256, 24, 64, 64)),
                member("inception4d", inception(512, 112, 144, 288, 32, 64, 64)));
    }

    /** From there to the logits. */
    static Sequential top(int classes) {
        return Sequential.of(
                member("inception4e", inception(528, 256, 160, 320, 32, 128, 128)),
                member("maxpool4", pool(2)),
                member("inception5a", inception(832, 256, 160, 320, 32, 128, 128)),
                member("inception5b", inception(832, 384, 192, 384, 48, 128, 128)),
                member("avgpool", AdaptiveAvgPool2d.of(1)), member("flatten", Flatten.of()), member("dropout", Dropout.of(0.2)),
                member("fc", Dense.of(1024, classes)));
    }

    /** An auxiliary head, which has the blocks below it learn sooner. */
    static Sequential head(int in, int classes) {
        return Sequential.of(
                member("avgpool", AdaptiveAvgPool2d.of(4)), member("conv", convNormRelu(conv(in, 128, 1))), member("flatten", Flatten.of()),
                member("fc1", Dense.of(128 * 4 * 4, 1024)), member("relu", Activation.relu()), member("dropout", Dropout.of(0.7)),
                member("fc2", Dense.of(1024, classes)));
    }

    private static MaxPool2d pool(int window) {
        return MaxPool2d.of(Pool2dAttributes.kernel(window).stride(2).ceilMode(true));
    }

    /** torchvision's weights hold the auxiliary heads, which are of use in training only. */
    @Override
    public List<String> leftOver() {
        return List.of("aux1.", "aux2.");
    }

    @Override
    public String description() {
        return "GoogLeNet with batch norm on 32 x 32 pictures (Szegedy et al., 2014)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(4).batch(32).learningRate(0.01).schedule(Schedule.cosine(0).warmedUp(0.5))
                .optimizer(Sgd.momentum(0.9).decay(2e-4));
    }
}
