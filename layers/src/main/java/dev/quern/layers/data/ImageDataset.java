package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images of one byte a pixel and channel with their labels, held in the Java heap and normalised while they are copied:
 * {@code (pixel / 255 - mean) / deviation}.
 */
public final class ImageDataset implements Dataset {
    private static final int LEVELS = 256;
    private static final int COLOURS = 3;

    private final String name;
    private final int channels;
    private final int height;
    private final int width;
    private final List<String> classNames;
    private final byte[] pixels;
    private final byte[] labels;
    private final Normalisation normalisation;
    private final float[] levels;
    private final Augmentation augmentation;

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
        this(name, Shape.of(1, height, width), numbers(classes), pixels, labels, Normalisation.DIGITS);
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
        this(name, Shape.of(channels, height, width), numbers(classes), pixels, labels, Normalisation.PICTURES);
    }

    /**
     * Images of named classes.
     *
     * @param name          for messages
     * @param sampleShape   channels, rows and columns of an image
     * @param classNames    at most 256
     * @param pixels        all images [samples, channels, rows, columns]
     * @param labels        one a sample
     * @param normalisation how pixels become numbers
     */
    public ImageDataset(String name, Shape sampleShape, List<String> classNames, byte[] pixels, byte[] labels, Normalisation normalisation) {
        this(name, sampleShape, classNames, pixels, labels, normalisation, normalisation.table(sampleShape.extent(0)), Augmentation.NONE);
        if (labels.length < 1 || pixels.length != labels.length * sampleShape.elements()) {
            throw new IllegalArgumentException(name + ": " + pixels.length + " pixels are not " + labels.length
                    + " images of " + (channels > 1 ? channels + " x " : "") + height + " x " + width);
        }
        for (int sample = 0; sample < labels.length; sample++) {
            if (label(sample) >= classes()) {
                throw new IllegalArgumentException(name + ": label " + label(sample) + " of sample " + sample + " is not in 0.."
                        + (classes() - 1));
            }
        }
    }

    private ImageDataset(String name, Shape sampleShape, List<String> classNames, byte[] pixels, byte[] labels, Normalisation normalisation,
            float[] levels, Augmentation augmentation) {
        this.name = name;
        this.channels = sampleShape.extent(0);
        this.height = sampleShape.extent(1);
        this.width = sampleShape.extent(2);
        this.classNames = List.copyOf(classNames);
        this.pixels = pixels;
        this.labels = labels;
        this.normalisation = normalisation;
        this.levels = levels;
        this.augmentation = augmentation;
    }

    private static List<String> numbers(int classes) {
        return IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    private ImageDataset with(Augmentation other) {
        return new ImageDataset(name, sampleShape(), classNames, pixels, labels, normalisation, levels, other);
    }

    @Override
    public ImageDataset withRandomShift(int pixels) {
        if (pixels < 0 || pixels >= Math.min(height, width)) {
            throw new QuernException(name + ": a random shift of " + pixels + " pixels does not suit images of " + height
                    + " x " + width);
        }
        return with(new Augmentation(pixels, augmentation.flip(), augmentation.brightness(), augmentation.contrast(),
                augmentation.saturation()));
    }

    /** The same images; where {@link #copyAugmented} copies them, half are mirrored, left for right. */
    public ImageDataset withRandomFlip() {
        return with(new Augmentation(augmentation.shift(), true, augmentation.brightness(), augmentation.contrast(),
                augmentation.saturation()));
    }

    /**
     * The same images; where {@link #copyAugmented} copies them, their colours change: first all pixels by a factor (brightness), then
     * distances from the image's mean grey (contrast), then distances from each pixel's grey (saturation), each kept between black and white.
     *
     * @param brightness how far the first factor may be from 1, below 1
     * @param contrast   how far the second one
     * @param saturation how far the third one
     * @throws QuernException if the images are not of one or three channels, or a number is not from 0 to below 1
     */
    public ImageDataset withColourJitter(double brightness, double contrast, double saturation) {
        if (channels != 1 && channels != COLOURS) {
            throw new QuernException(name + ": images of " + channels + " channels have no colours that could be changed");
        }
        return with(new Augmentation(augmentation.shift(), augmentation.flip(), brightness, contrast, saturation));
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
        return classNames.size();
    }

    /** The classes, in the order of their labels. */
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int sample) {
        return Byte.toUnsignedInt(labels[sample]);
    }

    /** The level of a pixel in the first channel, 0 to 255. */
    public int pixel(int sample, int y, int x) {
        return level(sample, 0, y, x);
    }

    /** The level of a pixel, 0 to 255. */
    int level(int sample, int channel, int y, int x) {
        return Byte.toUnsignedInt(pixels[((sample * channels + channel) * height + y) * width + x]);
    }

    /** The same images with other numbers for their pixels. */
    public ImageDataset normalised(Normalisation other) {
        return new ImageDataset(name, sampleShape(), classNames, pixels, labels, other, other.table(channels), augmentation);
    }

    @Override
    public void copy(int sample, int row, MemorySegment inputs, MemorySegment labels) {
        int plane = height * width;
        int source = sample * channels * plane;
        long target = (long) row * channels * plane;
        for (int channel = 0; channel < channels; channel++) {
            for (int i = channel * plane; i < (channel + 1) * plane; i++) {
                inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target + i, levels[channel * LEVELS + Byte.toUnsignedInt(pixels[source + i])]);
            }
        }
        labels.setAtIndex(ValueLayout.JAVA_INT, row, label(sample));
    }

    @Override
    public void copyAugmented(int sample, long bits, int row, MemorySegment inputs, MemorySegment labels) {
        if (augmentation.colours()) {
            copyColoured(sample, bits, row, inputs);
        } else if (augmentation.moves()) {
            copyMoved(sample, bits, row, inputs);
        } else {
            copy(sample, row, inputs, labels);
        }
        labels.setAtIndex(ValueLayout.JAVA_INT, row, label(sample));
    }

    private void copyMoved(int sample, long bits, int row, MemorySegment inputs) {
        int down = augmentation.down(bits);
        int right = augmentation.right(bits);
        boolean mirrored = augmentation.mirrored(bits);
        for (int channel = 0; channel < channels; channel++) {
            for (int y = 0; y < height; y++) {
                long target = (((long) row * channels + channel) * height + y) * width;
                for (int x = 0; x < width; x++) {
                    inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target + x,
                            levels[channel * LEVELS + moved(sample, channel, y - down, x - right, mirrored)]);
                }
            }
        }
    }

    /** The level at a place before the move; background, which is 0, outside the image. */
    private int moved(int sample, int channel, int y, int x, boolean mirrored) {
        if (y < 0 || y >= height || x < 0 || x >= width) {
            return 0;
        }
        return level(sample, channel, y, mirrored ? width - 1 - x : x);
    }

    private void copyColoured(int sample, long bits, int row, MemorySegment inputs) {
        int down = augmentation.down(bits);
        int right = augmentation.right(bits);
        boolean mirrored = augmentation.mirrored(bits);
        ColourChange colours = colours(sample, bits, augmentation);
        int plane = height * width;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                float red = colours.contrasted(moved(sample, 0, y - down, x - right, mirrored));
                float green = colours.contrasted(moved(sample, channels > 1 ? 1 : 0, y - down, x - right, mirrored));
                float blue = colours.contrasted(moved(sample, channels > 1 ? 2 : 0, y - down, x - right, mirrored));
                float grey = ColourChange.grey(red, green, blue);
                long target = (long) row * channels * plane + (long) y * width + x;
                set(inputs, target, 0, colours.saturated(grey, red));
                if (channels > 1) {
                    set(inputs, target + plane, 1, colours.saturated(grey, green));
                    set(inputs, target + 2L * plane, 2, colours.saturated(grey, blue));
                }
            }
        }
    }

    private void set(MemorySegment inputs, long target, int channel, float level) {
        inputs.setAtIndex(ValueLayout.JAVA_FLOAT, target, normalised(channel, level));
    }

    /** A level between whole ones as a number. */
    float normalised(int channel, float level) {
        // The table is linear, so its first and last entries give every level between.
        float black = levels[channel * LEVELS];
        float white = levels[channel * LEVELS + LEVELS - 1];
        return black + (white - black) * (level / (LEVELS - 1));
    }

    /** How some bits change the colours of a picture. */
    ColourChange colours(int sample, long bits, Augmentation by) {
        float brightness = Augmentation.factor(bits, 2, by.brightness());
        return new ColourChange(brightness, Augmentation.factor(bits, 3, by.contrast()), Augmentation.factor(bits, 4, by.saturation()),
                meanGrey(sample, brightness));
    }

    private float meanGrey(int sample, float brightness) {
        double sum = 0;
        int plane = height * width;
        int first = sample * channels * plane;
        for (int channel = 0; channel < channels; channel++) {
            float share = channels == 1 ? 1 : ColourChange.SHARES[channel];
            for (int i = first + channel * plane; i < first + (channel + 1) * plane; i++) {
                sum += share * ColourChange.limited(brightness * Byte.toUnsignedInt(pixels[i]));
            }
        }
        return (float) (sum / plane);
    }
}
