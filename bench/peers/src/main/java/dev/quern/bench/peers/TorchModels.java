package dev.quern.bench.peers;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.LSTM;

/** The models of the suite {@code train} as DJL's blocks. */
final class TorchModels {
    private static final Shape DIGIT = new Shape(1, 28, 28);
    private static final int HIDDEN = 128;

    private TorchModels() {
    }

    /**
     * A model.
     *
     * @param block  the network
     * @param sample the shape of a sample
     */
    record Described(Block block, Shape sample) {
    }

    /**
     * A model by its name.
     *
     * @throws UnsupportedOperationException if there is none
     */
    static Described named(String name) {
        return switch (name) {
            case "lenet" -> new Described(lenet(), DIGIT);
            case "mlp" -> new Described(mlp(), DIGIT);
            case "lstm" -> new Described(lstm(), DIGIT);
            case "vgg11" -> new Described(vgg11(), new Shape(3, 32, 32));
            default -> throw new UnsupportedOperationException("no model " + name);
        };
    }

    private static Block lenet() {
        return new SequentialBlock()
                .add(conv(6, 5, 2)).add(Activation::relu).add(pool())
                .add(conv(16, 5, 0)).add(Activation::relu).add(pool())
                .add(Blocks.batchFlattenBlock())
                .add(dense(120)).add(Activation::relu)
                .add(dense(84)).add(Activation::relu)
                .add(dense(10));
    }

    private static Block mlp() {
        return new SequentialBlock().add(Blocks.batchFlattenBlock()).add(dense(512)).add(Activation::relu).add(dense(512))
                .add(Activation::relu).add(dense(10));
    }

    /** Rows as time; the last step's state is classified. */
    private static Block lstm() {
        return new SequentialBlock()
                .add(new LambdaBlock(images -> new NDList(images.singletonOrThrow().squeeze(1))))
                .add(LSTM.builder().setNumLayers(1).setStateSize(HIDDEN).optBatchFirst(true).optReturnState(false).build())
                .add(new LambdaBlock(states -> new NDList(states.singletonOrThrow().get(":, -1"))))
                .add(dense(10));
    }

    private static Block vgg11() {
        SequentialBlock block = new SequentialBlock();
        int[][] blocks = {{64, 1}, {128, 1}, {256, 2}, {512, 2}, {512, 2}};
        for (int[] each : blocks) {
            for (int i = 0; i < each[1]; i++) {
                block.add(conv(each[0], 3, 1)).add(Activation::relu);
            }
            block.add(pool());
        }
        return block.add(Blocks.batchFlattenBlock()).add(dense(10));
    }

    private static Block conv(int filters, int size, int padding) {
        return Conv2d.builder().setKernelShape(new Shape(size, size)).optPadding(new Shape(padding, padding)).setFilters(filters).build();
    }

    private static Block pool() {
        return Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2));
    }

    private static Block dense(int units) {
        return Linear.builder().setUnits(units).build();
    }
}
