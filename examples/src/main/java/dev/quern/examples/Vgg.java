package dev.quern.examples;

import static dev.quern.layers.nn.Activation.relu;

import dev.quern.layers.data.Cifar10;
import dev.quern.layers.data.ColouredDigits;
import dev.quern.layers.data.ImageDataset;
import dev.quern.layers.data.Split;
import dev.quern.layers.init.Initializer;
import dev.quern.layers.nn.Conv2d;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Blocks of 3 x 3 convolutions, each block followed by pooling. Simonyan and Zisserman, "Very deep convolutional networks for large-scale
 * image recognition", 2015, table 1 (A, B, D and E). {@link #model} is for pictures of 32 x 32 with one dense layer behind the blocks, as is
 * usual for them; {@link #fullSize} is the paper's.
 */
public final class Vgg implements Classifier {
    private static final int[] CHANNELS = {64, 128, 256, 512, 512};
    /** Convolutions of each block, by the number of layers with weights. */
    private static final Map<Integer, int[]> BLOCKS = Map.of(11, new int[] {1, 1, 2, 2, 2}, 13, new int[] {2, 2, 2, 2, 2},
            16, new int[] {2, 2, 3, 3, 3}, 19, new int[] {2, 2, 4, 4, 4});
    private static final int CLASSES = 10;

    private final int depth;

    /**
     * A network.
     *
     * @param depth its layers with weights: 11, 13, 16 or 19
     */
    public Vgg(int depth) {
        if (!BLOCKS.containsKey(depth)) {
            throw new IllegalArgumentException("vgg" + depth + ": there are 11, 13, 16 and 19");
        }
        this.depth = depth;
    }

    @Override
    public Model model() {
        List<Layer> layers = blocks();
        layers.add(Flatten.of());
        layers.add(Dense.of(512, CLASSES));
        return new Model("vgg" + depth, Shape.of(3, 32, 32), CLASSES, Sequential.of(layers.toArray(Layer[]::new)));
    }

    /** The paper's network for pictures of 224 x 224 and a thousand classes. */
    public Model fullSize() {
        List<Layer> layers = blocks();
        layers.addAll(List.of(Flatten.of(), Dense.of(512 * 7 * 7, 4096), relu(), Dropout.of(0.5), Dense.of(4096, 4096), relu(),
                Dropout.of(0.5), Dense.of(4096, 1000)));
        return new Model("vgg" + depth, Shape.of(3, 224, 224), 1000, Sequential.of(layers.toArray(Layer[]::new)));
    }

    private List<Layer> blocks() {
        List<Layer> layers = new ArrayList<>();
        int in = 3;
        for (int block = 0; block < CHANNELS.length; block++) {
            for (int i = 0; i < BLOCKS.get(depth)[block]; i++) {
                layers.add(Conv2d.of(in, CHANNELS[block], 3).padding(1).init(Initializer.kaimingNormal(), Initializer.zeros()));
                layers.add(relu());
                in = CHANNELS[block];
            }
            layers.add(MaxPool2d.of(2));
        }
        return layers;
    }

    @Override
    public String description() {
        return "VGG-" + depth + " on 32 x 32 pictures (Simonyan, Zisserman, 2015)";
    }

    @Override
    public TrainOptions recipe() {
        return TrainOptions.defaults().epochs(4).batch(32).learningRate(0.01).schedule(Schedule.cosine(0).warmedUp(1))
                .optimizer(Sgd.momentum(0.9).decay(5e-4));
    }

    @Override
    public Split<ImageDataset> builtInData() {
        return ColouredDigits.standard();
    }

    @Override
    public Split<ImageDataset> data(Path folder) {
        return Cifar10.read(folder);
    }
}
