package dev.quern.examples.report;

import dev.quern.examples.Picture;
import dev.quern.layers.data.Normalisation;
import dev.quern.runtime.Shape;
import java.awt.image.BufferedImage;
import java.util.Base64;

/**
 * Turns samples back into pictures.
 *
 * @param shape         a sample's, [channels, rows, columns]
 * @param normalisation how pixels became numbers
 */
record SamplePictures(Shape shape, Normalisation normalisation) {
    private static final int CHANNELS = 3;

    /** Whether samples of this shape can be looked at: one channel or three. */
    static boolean areSeen(Shape shape) {
        return shape.rank() == CHANNELS && (shape.extent(0) == 1 || shape.extent(0) == CHANNELS);
    }

    /** A sample as the address of an image that holds the image itself. */
    String address(float[] sample) {
        int rows = shape.extent(1);
        int columns = shape.extent(2);
        BufferedImage image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                int pixel = 0;
                for (int colour = 0; colour < CHANNELS; colour++) {
                    int channel = shape.extent(0) == 1 ? 0 : colour;
                    pixel = pixel << 8 | level(channel, sample[(channel * rows + y) * columns + x]);
                }
                image.setRGB(x, y, pixel);
            }
        }
        return address(new Picture("sample", "a sample", image));
    }

    /** A picture as the address of an image that holds the image itself. */
    static String address(Picture picture) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(picture.png());
    }

    private int level(int channel, double number) {
        int at = normalisation.mean().size() == 1 ? 0 : channel;
        double level = 255 * (number * normalisation.deviation().get(at) + normalisation.mean().get(at));
        return (int) Math.clamp(Math.round(level), 0L, 255L);
    }
}
