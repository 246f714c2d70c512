package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Images of one byte a pixel and channel with their labels, held in the Java heap and normalised while they are copied:
 * {@code (pixel / 255 - mean) / deviation}.
 */
public final class ImageDataset implements Dataset {
    /** The mean of MNIST's training pixels over 255, as usually rounded. */
    public static final double DIGIT_MEAN = 0.1307;
    /** The standard deviation of MNIST's training pixels over 255, as usually rounded. */
    public static final double DIGIT_DEVIATION = 0.3081;

    /** What pictures are usually taken for, whatever they show: all pixels then come to between -2 and 2. */
    public static final double PICTURE_MEAN = 0.5;
    /** See {@link #PICTURE_MEAN}. */
    public static final double PICTURE_DEVIATION = 0.25;

    private final String name;
    private final int channels;
    private final int height;
    private final int width;
    private final int classes;
    private final byte[] pixels;
    private final byte[] labels;
    private final float[] levels;
    private final int shift;

    /**
     * Grey digits, normalised as MNIST's.
     *
     * @param name    for messages
     * @param height  rows of an image
     * @param width   columns of an image
     * @param classes the number of classes, at most 256
     * @param pixels  all images, row-major, 0 is background
     * @param labels  one a sample
     */
    public ImageDataset(String name, int height, int width, int classes, byte[] pixels, byte[] labels) {
        this(name, 1, height, width, classes, pixels, labels, levels(DIGIT_MEAN, DIGIT_DEVIATION), 0);
        check();
    }

    /**
     * Pictures with several channels, one after the other.
     *
     * @param name     for messages
     * @param channels channels of an image: 3 for red, green and blue
     * @param height   rows of an image
     * @param width    columns of an image
     * @param classes  the number of classes, at most 256
     * @param pixels   all images [samples, channels, height, width]
     * @param labels   one a sample
     */
    public ImageDataset(String name, int channels, int height, int width, int classes, byte[] pixels, byte[] labels) {
        this(name, channels, height, width, classes, pixels, labels, levels(PICTURE_MEAN, PICTURE_DEVIATION), 0);
        check();
    }

    private void check() {
        if (labels.length < 1 || pixels.length != (long) labels.length * channels * height * width) {
            throw new IllegalArgumentException(name + ": " + pixels.length + " pixels are not " + labels.length
                    + " images of " + (channels > 1 ? channels + " x " : "") + height + " x " + width);
        }
        for (int sample = 0; sample < labels.length; sample++) {
            if (Byte.toUnsignedInt(labels[sample]) >= classes) {
                throw new IllegalArgumentException(name + ": label " + Byte.toUnsignedInt(labels[sample])
                        + " of sample " + sample + " is not in 0.." + (classes - 1));
            }
        }
    }

    private ImageDataset(String name, int channels, int height, int width, int classes, byte[] pixels, byte[] labels, float[] levels,
            int shift) {
        this.name = name;
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.classes = classes;
        this.pixels = pixels;
        this.labels = labels;
        this.levels = levels;
        this.shift = shift;
    }

    private static float[] levels(double mean, double deviation) {
        float[] levels = new float[256];
        for (int level = 0; level < levels.length; level++) {
            levels[level] = (float) ((level / 255.0 - mean) / deviation);
        }
        return levels;
    }

    @Override
    public ImageDataset withRandomShift(int pixels) {
        if (pixels < 0 || pixels >= Math.min(height, width)) {
            throw new QuernException(name + ": a random shift of " + pixels + " pixels does not suit images of " + height
                    + " x " + width);
        }
        return new ImageDataset(name, channels, height, width, classes, this.pixels, labels, levels, pixels);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public Shape sampleShape() {
        return Shape.of(channels, height, width);
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int label(int sample) {
        return Byte.toUnsignedInt(labels[sample]);
    }

    /** The level of a pixel in the first channel, 0 to 255. */
    public int pixel(int sample, int y, int x) {
        return Byte.toUnsignedInt(pixels[(sample * channels * height + y) * width + x]);
    }

    @Override
    public void copy(int sample, int row, MemorySegment inputs, MemorySegment labels) {
        int count = channels * height * width;
        int source = sample * count;
        long target = (long) row * count;
        for (int i = 0; i < count; i++) {
            inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target + i, levels[Byte.toUnsignedInt(pixels[source + i])]);
        }
        labels.setAtIndex(ValueLayout.JAVA_INT, row, label(sample));
    }

    @Override
    public void copyAugmented(int sample, long bits, int row, MemorySegment inputs, MemorySegment labels) {
        if (shift == 0) {
            copy(sample, row, inputs, labels);
            return;
        }
        int choices = 2 * shift + 1;
        int down = (int) ((bits & 0xFFFFFFFFL) * choices >>> 32) - shift;
        int right = (int) ((bits >>> 32) * choices >>> 32) - shift;
        int first = Math.max(0, right);
        int last = Math.min(width, width + right);
        for (int line = 0; line < channels * height; line++) {
            long target = ((long) row * channels * height + line) * width;
            int channel = line / height;
            int fromY = line % height - down;
            if (fromY < 0 || fromY >= height) {
                background(inputs, target, 0, width);
                continue;
            }
            int source = ((sample * channels + channel) * height + fromY) * width - right;
            background(inputs, target, 0, first);
            for (int x = first; x < last; x++) {
                inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target + x, levels[Byte.toUnsignedInt(pixels[source + x])]);
            }
            background(inputs, target, last, width);
        }
        labels.setAtIndex(ValueLayout.JAVA_INT, row, label(sample));
    }

    private void background(MemorySegment inputs, long target, int from, int to) {
        for (int x = from; x < to; x++) {
            inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target + x, levels[0]);
        }
    }
}
