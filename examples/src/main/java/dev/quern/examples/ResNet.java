package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;
import static dev.quern.layers.nn.BatchNorm.batchNorm2d;
import static dev.quern.layers.nn.Sequential.member;

import dev.quern.graph.op.Pool2dAttributes;
import dev.quern.layers.nn.AdaptiveAvgPool2d;
import dev.quern.layers.nn.Blocks;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Layer;
import dev.quern.layers.nn.MaxPool2d;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Blocks of convolutions with ways around them. He, Zhang, Ren, Sun, "Deep residual learning for image recognition", 2015, table 1; names
 * of parameters and the place of strides are torchvision's. {@link #model} is the same network on smaller pictures, so that but for the
 * last layer, weights for ImageNet fit it.
 */
public final class ResNet implements LargePictureModel {
    /** Blocks of each stage, by the number of layers with weights. */
    private static final Map<Integer, int[]> BLOCKS = Map.of(18, new int[] {2, 2, 2, 2}, 34, new int[] {3, 4, 6, 3},
            50, new int[] {3, 4, 6, 3});

    private final int depth;

    /**
     * A network.
     *
     * @param depth its layers with weights: 18, 34 or 50
     */
    public ResNet(int depth) {
        if (!BLOCKS.containsKey(depth)) {
            throw new IllegalArgumentException("resnet" + depth + ": there are 18, 34 and 50");
        }
        this.depth = depth;
    }

    @Override
    public Model model(int classes) {
        return new Model("resnet" + depth, Shape.of(CHANNELS, SMALL, SMALL), classes, network(classes));
    }

    @Override
    public Model fullSize(int classes) {
        return new Model("resnet" + depth, Shape.of(CHANNELS, LARGE, LARGE), classes, network(classes));
    }

    private Sequential network(int classes) {
        List<Sequential.Member> members = new ArrayList<>(List.of(
                member("conv1", Blocks.conv(CHANNELS, 64, 7).stride(2).padding(3).withoutBias()), member("bn1", batchNorm2d(64)),
                member("relu", relu()), member("maxpool", MaxPool2d.of(Pool2dAttributes.kernel(3).stride(2).padding(1)))));
        int in = 64;
        for (int stage = 0; stage < 4; stage++) {
            int out = (64 << stage) * (depth >= 50 ? 4 : 1);
            Layer[] blocks = new Layer[BLOCKS.get(depth)[stage]];
            for (int i = 0; i < blocks.length; i++) {
                int stride = i == 0 && stage > 0 ? 2 : 1;
                blocks[i] = depth >= 50 ? Blocks.bottleneck(in, out, stride) : Blocks.residual(in, out, stride);
                in = out;
            }
            members.add(member("layer" + (stage + 1), Sequential.of(blocks)));
        }
        members.addAll(List.of(member("avgpool", AdaptiveAvgPool2d.of(1)), member("flatten", Flatten.of()),
                member("fc", Dense.of(in, classes))));
        return new Sequential(members);
    }

    @Override
    public String description() {
        return "ResNet-" + depth + " on 32 x 32 pictures (He, Zhang, Ren, Sun, 2015)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(4).batch(32).learningRate(0.01).schedule(Schedule.cosine(0).warmedUp(0.5))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }
}
