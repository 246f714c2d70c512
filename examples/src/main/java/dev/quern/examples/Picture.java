package dev.quern.examples;

import dev.quern.runtime.HostTensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/**
 * A picture to look at.
 *
 * @param name  as a file would be called, without its ending
 * @param title one line about what is seen
 * @param image the pixels
 */
public record Picture(String name, String title, BufferedImage image) {
    private static final int GAP = 2;

    /**
     * Grey images in rows and columns, enlarged.
     *
     * @param images  F32 [n, 1, h, w]
     * @param columns images in a row
     * @param black   what is drawn black
     * @param white   what is drawn white
     * @param scale   screen pixels a pixel
     */
    static Picture grid(String name, String title, HostTensor images, int columns, double black, double white, int scale) {
        int count = images.shape().extent(0);
        int height = images.shape().extent(2);
        int width = images.shape().extent(3);
        int rows = Math.ceilDiv(count, columns);
        BufferedImage picture = new BufferedImage(columns * (width * scale + GAP) + GAP, rows * (height * scale + GAP) + GAP,
                BufferedImage.TYPE_BYTE_GRAY);
        for (int image = 0; image < count; image++) {
            int left = GAP + image % columns * (width * scale + GAP);
            int top = GAP + image / columns * (height * scale + GAP);
            for (int y = 0; y < height * scale; y++) {
                for (int x = 0; x < width * scale; x++) {
                    double value = images.get(((long) image * height + y / scale) * width + x / scale);
                    int level = (int) Math.round(255 * Math.clamp((value - black) / (white - black), 0.0, 1.0));
                    picture.getRaster().setSample(left + x, top + y, 0, level);
                }
            }
        }
        return new Picture(name, title, picture);
    }

    /** The picture as a PNG file. */
    public byte[] png() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
