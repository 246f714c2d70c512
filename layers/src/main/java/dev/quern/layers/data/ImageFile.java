package dev.quern.layers.data;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A picture in a file of any format that ImageIO reads (PNG, JPEG, GIF, BMP, TIFF), brought to a size and number of channels: the largest
 * part around its middle that has the size's proportions, resized with a triangle filter as wide as a pixel of the coarser side (bilinear
 * interpolation where it grows, a weighted mean where it shrinks). Transparency is left out of account.
 */
public final class ImageFile {
    /** More pixels than this are refused rather than decoded: their levels would fill the heap. */
    private static final long MOST_PIXELS = 100_000_000;

    private ImageFile() {
    }

    /**
     * Reads a picture.
     *
     * @param file  the file
     * @param shape channels (1 for grey, 3 for red, green and blue), rows and columns
     * @return levels 0 to 255, [channels, rows, columns]
     * @throws QuernException if the file is missing, is no picture, or is broken
     */
    public static byte[] read(Path file, Shape shape) {
        int channels = shape.extent(0);
        if (channels != 1 && channels != 3) {
            throw new QuernException(file + ": pictures have 1 or 3 channels, not " + channels);
        }
        BufferedImage image = decode(file);
        int height = shape.extent(1);
        int width = shape.extent(2);
        double scale = Math.min((double) image.getHeight() / height, (double) image.getWidth() / width);
        double[] rows = {(image.getHeight() - scale * height) / 2, scale};
        double[] columns = {(image.getWidth() - scale * width) / 2, scale};
        byte[] levels = new byte[(int) shape.elements()];
        for (int channel = 0; channel < channels; channel++) {
            float[] narrow = resize(plane(image, channel, channels), image.getHeight(), image.getWidth(), width, columns, false);
            float[] small = resize(narrow, image.getHeight(), width, height, rows, true);
            for (int i = 0; i < small.length; i++) {
                levels[channel * small.length + i] = (byte) Math.clamp(Math.round(small[i]), 0, 255);
            }
        }
        return levels;
    }

    /**
     * Reads a picture as a model takes it.
     *
     * @param inverted whether light and dark are exchanged
     * @return F32 [1, channels, rows, columns]
     */
    public static HostTensor read(Path file, Shape shape, Normalisation normalisation, boolean inverted) {
        byte[] levels = read(file, shape);
        int plane = shape.extent(1) * shape.extent(2);
        HostTensor tensor = HostTensor.zeros(DType.F32, Shape.of(1, shape.extent(0), shape.extent(1), shape.extent(2)));
        for (int i = 0; i < levels.length; i++) {
            int level = Byte.toUnsignedInt(levels[i]);
            tensor.set(i, normalisation.of(i / plane, inverted ? 255 - level : level));
        }
        return tensor;
    }

    private static BufferedImage decode(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new QuernException(file + ": " + (Files.exists(file) ? "is no file" : "does not exist"));
        }
        try (ImageInputStream stream = ImageIO.createImageInputStream(file.toFile())) {
            if (stream == null) {
                throw new QuernException(file + ": cannot be read");
            }
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw new QuernException(file + ": is no picture (PNG, JPEG, GIF, BMP or TIFF)");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream);
                long pixels = (long) reader.getHeight(0) * reader.getWidth(0);
                if (pixels > MOST_PIXELS) {
                    throw new QuernException(file + ": has " + pixels + " pixels, more than " + MOST_PIXELS + "; make it smaller first");
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException e) {
            // Decoders meet damaged files with all of these.
            throw new QuernException(file + ": is a broken picture: " + e.getMessage(), e);
        }
    }

    private static float[] plane(BufferedImage image, int channel, int channels) {
        int width = image.getWidth();
        float[] plane = new float[image.getHeight() * width];
        int[] line = new int[width];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, line, 0, width);
            for (int x = 0; x < width; x++) {
                int red = line[x] >> 16 & 0xFF;
                int green = line[x] >> 8 & 0xFF;
                int blue = line[x] & 0xFF;
                plane[y * width + x] = channels == 1 ? 0.299f * red + 0.587f * green + 0.114f * blue
                        : channel == 0 ? red : channel == 1 ? green : blue;
            }
        }
        return plane;
    }

    /**
     * Resizes one axis.
     *
     * @param from   where on the old axis the new one begins, and how many old pixels a new one covers
     * @param ofRows whether it is the axis of rows, else of columns
     */
    private static float[] resize(float[] plane, int height, int width, int size, double[] from, boolean ofRows) {
        int lines = ofRows ? width : height;
        int length = ofRows ? height : width;
        int step = ofRows ? width : 1;
        int lineStep = ofRows ? 1 : width;
        float[] result = new float[lines * size];
        double reach = Math.max(1, from[1]);
        for (int i = 0; i < size; i++) {
            double middle = from[0] + (i + 0.5) * from[1];
            int first = Math.max(0, (int) Math.floor(middle - reach));
            int last = Math.min(length - 1, (int) Math.ceil(middle + reach));
            double sum = 0;
            for (int at = first; at <= last; at++) {
                sum += weight(at, middle, reach);
            }
            for (int line = 0; line < lines; line++) {
                double mixed = 0;
                for (int at = first; at <= last; at++) {
                    mixed += weight(at, middle, reach) * plane[line * lineStep + at * step];
                }
                result[ofRows ? i * width + line : line * size + i] = (float) (mixed / sum);
            }
        }
        return result;
    }

    /** What a pixel counts for a place so far from its middle: a triangle. */
    static double weight(int at, double middle, double reach) {
        return Math.max(0, 1 - Math.abs(at + 0.5 - middle) / reach);
    }
}
