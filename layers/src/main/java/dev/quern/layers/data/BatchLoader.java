package dev.quern.layers.data;

import dev.quern.kernels.random.Philox;
import dev.quern.layers.random.RandomStream;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Fills batches from samples: shuffled and augmented for training, in order and padded for evaluation. What a batch
 * holds depends on the seed, the epoch and the batch's number alone, so training can resume at any step.
 */
public final class BatchLoader {
    private final Samples data;
    private final int batch;
    private final long seed;
    private final int[] order;
    private final int[] words = new int[4];
    private long epoch = -1;
    private long augmentation;

    public BatchLoader(Samples data, int batch, long seed) {
        if (batch < 1) {
            throw new IllegalArgumentException("a batch needs at least 1 sample, not " + batch);
        }
        this.data = data;
        this.batch = batch;
        this.seed = seed;
        this.order = new int[data.size()];
    }

    /** Another loader of the same batches, for another thread. */
    public BatchLoader twin() {
        return new BatchLoader(data, batch, seed);
    }

    /** Whole batches in an epoch; what is left over is dropped, another part of the data each epoch. */
    public int trainingBatches() {
        return data.size() / batch;
    }

    /** Batches that hold every sample; the last one may be padded. */
    public int evaluationBatches() {
        return Math.ceilDiv(data.size(), batch);
    }

    /**
     * Fills a training batch. Allocates only when the epoch changes.
     *
     * @param epoch  0 is the first
     * @param number the batch's number in the epoch, below {@link #trainingBatches()}
     * @param feeds  one segment a feed of the samples, in their order
     */
    public void fillTraining(long epoch, int number, List<MemorySegment> feeds) {
        if (number < 0 || number >= trainingBatches()) {
            throw new IllegalArgumentException("batch " + number + " of " + trainingBatches());
        }
        if (epoch != this.epoch) {
            new RandomStream(seed, "shuffle", epoch).permutation(order);
            augmentation = Philox.stream("augment", epoch);
            this.epoch = epoch;
        }
        for (int row = 0; row < batch; row++) {
            int sample = order[number * batch + row];
            Philox.block(sample, augmentation, seed, words);
            long bits = (long) words[0] << 32 | Integer.toUnsignedLong(words[1]);
            data.copyAugmented(sample, bits, row, feeds);
        }
    }

    /**
     * Fills an evaluation batch; rows past the last sample repeat it, so that every row holds real numbers.
     *
     * @return how many rows, from the first, are to be counted
     */
    public int fillEvaluation(int number, List<MemorySegment> feeds) {
        int first = number * batch;
        int counted = Math.min(batch, data.size() - first);
        for (int row = 0; row < batch; row++) {
            data.copy(first + Math.min(row, counted - 1), row, feeds);
        }
        return counted;
    }
}
