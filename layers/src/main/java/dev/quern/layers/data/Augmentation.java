package dev.quern.layers.data;

import dev.quern.runtime.QuernException;

/**
 * How training images are changed at random so that each epoch shows others, in ways that keep their class.
 *
 * @param shift      pixels by which an image is moved at most along both axes, with background moving in: a random crop of the image with so
 *                   much background around it
 * @param flip       whether half of the images are mirrored, left for right
 * @param brightness how far the factor of all pixels may be from 1, below 1
 * @param contrast   how far the factor of distances from the image's mean grey may be from 1
 * @param saturation how far the factor of distances from each pixel's grey may be from 1
 */
record Augmentation(int shift, boolean flip, double brightness, double contrast, double saturation) {
    /** Nothing is changed. */
    static final Augmentation NONE = new Augmentation(0, false, 0, 0, 0);

    Augmentation {
        if (!(brightness >= 0 && brightness < 1 && contrast >= 0 && contrast < 1 && saturation >= 0 && saturation < 1)) {
            throw new QuernException("a colour jitter of brightness " + brightness + ", contrast " + contrast + ", saturation " + saturation
                    + ": each must be at least 0 and below 1");
        }
    }

    boolean moves() {
        return shift > 0 || flip;
    }

    boolean colours() {
        return brightness > 0 || contrast > 0 || saturation > 0;
    }

    /** Rows down, from the low half of the bits. */
    int down(long bits) {
        return (int) ((bits & 0xFFFFFFFFL) * (2 * shift + 1) >>> 32) - shift;
    }

    /** Columns to the right, from the high half. */
    int right(long bits) {
        return (int) ((bits >>> 32) * (2 * shift + 1) >>> 32) - shift;
    }

    boolean mirrored(long bits) {
        return flip && (more(bits, 1) & 1) != 0;
    }

    /** A factor between 1 - reach and 1 + reach; each {@code number} gives another. */
    static float factor(long bits, int number, double reach) {
        return (float) (1 + reach * (2 * uniform(bits, number) - 1));
    }

    /** A number from 0 to below 1; each {@code number} gives another. */
    static double uniform(long bits, int number) {
        return (more(bits, number) >>> 11) * 0x1p-53;
    }

    /** Further bits that look independent of these: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014). */
    private static long more(long bits, int number) {
        long z = bits + number * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
