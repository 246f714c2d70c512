package dev.quern.layers.data;

import dev.quern.runtime.QuernException;

/**
 * Which part of a picture training sees: a rectangle of random size, proportions and place, as torchvision's {@code RandomResizedCrop} draws
 * it. Its area is a share of the picture's, uniform between two limits; the logarithm of its proportions is uniform between two others. What
 * does not fit into the picture is drawn again, ten times; then it is the largest part around the middle with proportions within the limits.
 *
 * @param leastArea  the smallest share of the picture's area, above 0
 * @param mostArea   the largest, at most 1
 * @param leastRatio the smallest width over height, above 0
 * @param mostRatio  the largest
 */
public record RandomResizedCrop(double leastArea, double mostArea, double leastRatio, double mostRatio) {
    private static final int TRIES = 10;
    /** Numbers of {@link Augmentation#uniform} from which on none is drawn for anything else. */
    private static final int FIRST = 16;

    public RandomResizedCrop {
        if (!(leastArea > 0 && leastArea <= mostArea && mostArea <= 1 && leastRatio > 0 && leastRatio <= mostRatio
                && mostRatio < Double.POSITIVE_INFINITY)) {
            throw new QuernException("a random crop of areas from " + leastArea + " to " + mostArea + " and proportions from " + leastRatio
                    + " to " + mostRatio + ": areas must rise within 0 to 1, proportions above 0");
        }
    }

    /** torchvision's defaults: areas from 0.08 to 1, proportions from 3/4 to 4/3. */
    public static RandomResizedCrop standard() {
        return new RandomResizedCrop(0.08, 1, 3.0 / 4, 4.0 / 3);
    }

    /**
     * A part of a picture, in whole pixels.
     *
     * @param top    its first row
     * @param left   its first column
     * @param height rows
     * @param width  columns
     */
    record Window(int top, int left, int height, int width) {
    }

    /** The part that some bits decide on. */
    Window window(long bits, int height, int width) {
        for (int i = 0; i < TRIES; i++) {
            int number = FIRST + 4 * i;
            double area = (double) height * width * (leastArea + (mostArea - leastArea) * Augmentation.uniform(bits, number));
            double ratio = leastRatio * Math.pow(mostRatio / leastRatio, Augmentation.uniform(bits, number + 1));
            int wide = (int) Math.rint(Math.sqrt(area * ratio));
            int high = (int) Math.rint(Math.sqrt(area / ratio));
            if (wide > 0 && wide <= width && high > 0 && high <= height) {
                return new Window((int) (Augmentation.uniform(bits, number + 2) * (height - high + 1)),
                        (int) (Augmentation.uniform(bits, number + 3) * (width - wide + 1)), high, wide);
            }
        }
        double ratio = Math.clamp((double) width / height, leastRatio, mostRatio);
        int wide = Math.min(width, (int) Math.rint(height * ratio));
        int high = Math.min(height, (int) Math.rint(width / ratio));
        return new Window((height - high) / 2, (width - wide) / 2, high, wide);
    }
}
