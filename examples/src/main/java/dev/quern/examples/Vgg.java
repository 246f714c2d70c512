package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;
import static dev.quern.layers.nn.Sequential.member;

import dev.quern.layers.nn.Blocks;
import dev.quern.layers.nn.Dense;
import dev.quern.layers.nn.Dropout;
import dev.quern.layers.nn.Flatten;
import dev.quern.layers.nn.Model;
import dev.quern.layers.nn.Sequential;
import dev.quern.layers.optim.Schedule;
import dev.quern.layers.optim.Sgd;
import dev.quern.layers.train.TrainOptions;
import dev.quern.runtime.Shape;
import java.util.Map;

/**
 * Blocks of 3 x 3 convolutions, each block followed by pooling. Simonyan and Zisserman, "Very deep convolutional networks for large-scale
 * image recognition", 2015, table 1 (A, B, D and E), with or without batch norm; names of parameters are torchvision's. {@link #model} is
 * for pictures of 32 x 32 with one dense layer behind the blocks, as is usual for them; {@link #fullSize} is the paper's.
 */
public final class Vgg implements LargePictureModel {
    private static final int[] WIDTHS = {64, 128, 256, 512, 512};
    /** Convolutions of each block, by the number of layers with weights. */
    private static final Map<Integer, int[]> BLOCKS = Map.of(11, new int[] {1, 1, 2, 2, 2}, 13, new int[] {2, 2, 2, 2, 2},
            16, new int[] {2, 2, 3, 3, 3}, 19, new int[] {2, 2, 4, 4, 4});

    private final int depth;
    private final boolean batchNorm;
    private final String name;

    /**
     * A network.
     *
     * @param depth     its layers with weights: 11, 13, 16 or 19
     * @param batchNorm whether batch norm follows each convolution
     */
    public Vgg(int depth, boolean batchNorm) {
        if (!BLOCKS.containsKey(depth)) {
            throw new IllegalArgumentException("vgg" + depth + ": there are 11, 13, 16 and 19");
        }
        this.depth = depth;
        this.batchNorm = batchNorm;
        this.name = "vgg" + depth + (batchNorm ? "-bn" : "");
    }

    /** A network without batch norm. */
    public Vgg(int depth) {
        this(depth, false);
    }

    @Override
    public Model model(int classes) {
        return new Model(name, Shape.of(CHANNELS, SMALL, SMALL), classes, Sequential.of(
                member("features", features()), member("flatten", Flatten.of()), member("classifier", Dense.of(512, classes))));
    }

    /** The paper's network for pictures of 224 x 224. */
    @Override
    public Model fullSize(int classes) {
        return new Model(name, Shape.of(CHANNELS, LARGE, LARGE), classes, Sequential.of(
                member("features", features()), member("flatten", Flatten.of()),
                member("classifier", Sequential.of(Blocks.dense(512 * 7 * 7, 4096), relu(), Dropout.of(0.5), Blocks.dense(4096, 4096), relu(),
                        Dropout.of(0.5), Dense.of(4096, classes)))));
    }

    private Sequential features() {
        Sequential[] blocks = new Sequential[WIDTHS.length];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = Blocks.vgg(BLOCKS.get(depth)[i], i == 0 ? CHANNELS : WIDTHS[i - 1], WIDTHS[i], batchNorm);
        }
        return Sequential.joined(blocks);
    }

    @Override
    public String description() {
        return "VGG-" + depth + (batchNorm ? " with batch norm" : "") + " on 32 x 32 pictures (Simonyan, Zisserman, 2015)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(4).batch(32).learningRate(0.01).schedule(Schedule.cosine(0).warmedUp(0.5))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }
}
