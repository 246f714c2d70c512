package dev.quern.examples.command;

import java.awt.image.BufferedImage;
import javax.imageio.ImageIO;

/** A picture of attention: a row of squares for each written character, the lighter the more it looked at a read one. */
final class AttentionPicture {
    private static final int SQUARE = 16;
    private static final int WHITE = 255;

    private AttentionPicture() {
    }

    /**
     * Draws weights and writes them as PNG.
     *
     * @param weights in [0, 1], a row for each written character, all of one length
     * @throws QuernException if the file cannot be written
     */
    static void write(OutputFile file, double[][] weights) {
        BufferedImage picture = new BufferedImage(weights[0].length * SQUARE, weights.length * SQUARE, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                int grey = (int) Math.round(WHITE * weights[y / SQUARE][x / SQUARE]);
                picture.getRaster().setSample(x, y, 0, Math.clamp(grey, 0, WHITE));
            }
        }
        file.write(out -> ImageIO.write(picture, "png", out));
    }
}
