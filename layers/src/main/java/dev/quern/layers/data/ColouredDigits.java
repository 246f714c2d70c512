package dev.quern.layers.data;

import dev.quern.layers.random.RandomStream;
import java.util.stream.IntStream;

/**
 * A built-in set of small pictures for networks that want colour: {@link SyntheticDigits} in a light ink of any tint on a dark paper of another,
 * on 32 x 32 pixels with three channels. It needs no files, and the same seed gives the same bytes on every machine.
 */
public final class ColouredDigits {
    /** Rows and columns of a picture. */
    public static final int SIZE = 32;

    /** The digits. */
    public static final int CLASSES = 10;

    private static final int MARGIN = (SIZE - SyntheticDigits.SIZE) / 2;
    private static final int CHANNELS = 3;
    /**
     * Levels of paper are below this, those of ink at least {@link #LEAST_INK}. Were all colours equally likely for both, a network would
     * first have to find out that they mean nothing, and large ones without batch norm show no progress for hundreds of steps.
     */
    private static final int MOST_PAPER = 80;
    private static final int LEAST_INK = 120;

    private ColouredDigits() {
    }

    /** The default set: 8,000 training and 2,000 test pictures, seed 0. */
    public static Split<ImageDataset> standard() {
        return generate(0, SyntheticDigits.TRAIN, SyntheticDigits.TEST);
    }

    /**
     * Draws a set.
     *
     * @param seed  decides every picture
     * @param train the number of training pictures
     * @param test  the number of test pictures
     */
    public static Split<ImageDataset> generate(long seed, int train, int test) {
        Split<ImageDataset> digits = SyntheticDigits.generate(seed, train, test);
        return new Split<>(coloured(digits.train(), seed, "training"), coloured(digits.test(), seed, "test"));
    }

    private static ImageDataset coloured(ImageDataset digits, long seed, String part) {
        int picture = CHANNELS * SIZE * SIZE;
        byte[] pixels = new byte[Math.multiplyExact(digits.size(), picture)];
        byte[] labels = new byte[digits.size()];
        IntStream.range(0, digits.size()).parallel().forEach(sample -> {
            labels[sample] = (byte) digits.label(sample);
            RandomStream random = new RandomStream(seed, "colours of " + part, sample);
            int[] paper = new int[CHANNELS];
            int[] ink = new int[CHANNELS];
            for (int channel = 0; channel < CHANNELS; channel++) {
                paper[channel] = random.nextInt(MOST_PAPER);
                ink[channel] = LEAST_INK + random.nextInt(256 - LEAST_INK);
            }
            for (int channel = 0; channel < CHANNELS; channel++) {
                for (int y = 0; y < SIZE; y++) {
                    for (int x = 0; x < SIZE; x++) {
                        int level = level(digits, sample, y - MARGIN, x - MARGIN);
                        int mixed = (paper[channel] * (255 - level) + ink[channel] * level + 127) / 255;
                        pixels[sample * picture + (channel * SIZE + y) * SIZE + x] = (byte) mixed;
                    }
                }
            }
        });
        return new ImageDataset("synthetic coloured " + part + " digits", CHANNELS, SIZE, SIZE, digits.classes(), pixels, labels);
    }

    private static int level(ImageDataset digits, int sample, int y, int x) {
        boolean outside = y < 0 || y >= SyntheticDigits.SIZE || x < 0 || x >= SyntheticDigits.SIZE;
        return outside ? 0 : digits.pixel(sample, y, x);
    }
}
