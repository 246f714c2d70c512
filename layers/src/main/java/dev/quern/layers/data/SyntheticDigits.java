package dev.quern.layers.data;

import dev.quern.layers.random.RandomStream;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A built-in set of handwritten-looking digits, drawn from {@link DigitStrokes} with random styles, bends, slants,
 * rotations, scales, positions, pen widths, stray marks and noise. It needs no files, and the same seed gives the same
 * bytes on every machine. About as hard as MNIST: LeNet-5 reads 98 to 99 percent of the test images.
 */
public final class SyntheticDigits {
    /** Rows and columns of an image. */
    public static final int SIZE = 28;
    /** The usual number of training images. */
    public static final int TRAIN = 8_000;
    /** The usual number of test images. */
    public static final int TEST = 2_000;

    private static final int CLASSES = 10;
    private static final int STEPS_PER_SPAN = 5;

    private SyntheticDigits() {
    }

    /** The default set: 8,000 training and 2,000 test images of 28 x 28, seed 0. */
    public static Split<ImageDataset> standard() {
        return generate(0, TRAIN, TEST);
    }

    /**
     * Draws a set; training and test images never coincide.
     *
     * @param seed  decides every image
     * @param train the number of training images
     * @param test  the number of test images
     */
    public static Split<ImageDataset> generate(long seed, int train, int test) {
        return new Split<>(draw(seed, "training", train), draw(seed, "test", test));
    }

    private static ImageDataset draw(long seed, String part, int count) {
        byte[] pixels = new byte[Math.multiplyExact(count, SIZE * SIZE)];
        byte[] labels = new byte[count];
        List<List<DigitStrokes.Style>> digits = DigitStrokes.digits();
        // Every image has a stream of its own, so that drawing them in parallel changes nothing.
        IntStream.range(0, count).parallel().forEach(image -> {
            RandomStream random = new RandomStream(seed, "synthetic " + part, image);
            int label = random.nextInt(CLASSES);
            labels[image] = (byte) label;
            List<DigitStrokes.Style> styles = digits.get(label);
            Pen pen = new Pen(random);
            styles.get(random.nextInt(styles.size())).strokes().forEach(pen::draw);
            pen.stray();
            pen.develop(pixels, image * SIZE * SIZE);
        });
        return new ImageDataset("synthetic " + part + " digits", SIZE, SIZE, CLASSES, pixels,
                labels);
    }

    /** One writer's hand on one image: the affine map from the unit square to pixels, the width, the ink. */
    private static final class Pen {
        private final RandomStream random;
        private final StrokeRasterizer image = new StrokeRasterizer(SIZE);
        private final double xx;
        private final double xy;
        private final double yx;
        private final double yy;
        private final double centreX;
        private final double centreY;
        private final double halfWidth;
        private final double ink;
        private final double bend;

        Pen(RandomStream random) {
            this.random = random;
            double height = random.uniform(14.0, 20.0);
            double width = height * random.uniform(0.45, 0.95);
            double angle = Math.clamp(0.16 * random.normal(), -0.45, 0.45);
            double slant = random.uniform(-0.25, 0.50);
            double cosine = StrictMath.cos(angle);
            double sine = StrictMath.sin(angle);
            // Rotation after slant after scale; a positive slant leans to the right.
            xx = cosine * width;
            xy = -(cosine * slant + sine) * height;
            yx = sine * width;
            yy = (cosine - sine * slant) * height;
            centreX = SIZE / 2.0 + Math.clamp(random.normal(), -2.5, 2.5);
            centreY = SIZE / 2.0 + Math.clamp(random.normal(), -2.5, 2.5);
            halfWidth = random.uniform(0.65, 1.75);
            ink = random.uniform(0.6, 1.0);
            bend = random.uniform(0.02, 0.085);
        }

        /** Draws a stroke with every point moved a little and the pressure rising or falling along it. */
        void draw(DigitStrokes.Stroke stroke) {
            int points = stroke.x().length;
            double[] x = new double[points];
            double[] y = new double[points];
            for (int i = 0; i < points; i++) {
                double u = stroke.x()[i] - 0.5 + bend * random.normal();
                double v = stroke.y()[i] - 0.5 + bend * random.normal();
                x[i] = centreX + xx * u + xy * v;
                y[i] = centreY + yx * u + yy * v;
            }
            double start = halfWidth * random.uniform(0.8, 1.15);
            double growth = halfWidth * random.uniform(0.8, 1.15) - start;
            int steps = stroke.smooth() ? STEPS_PER_SPAN : 1;
            double total = (points - 1) * steps;
            double previousX = x[0];
            double previousY = y[0];
            double previousHalf = start;
            int drawn = 0;
            for (int span = 0; span < points - 1; span++) {
                for (int step = 1; step <= steps; step++) {
                    double t = (double) step / steps;
                    double nextX = stroke.smooth() ? spline(x, span, t) : x[span + 1];
                    double nextY = stroke.smooth() ? spline(y, span, t) : y[span + 1];
                    double half = start + growth * (++drawn / total);
                    image.segment(previousX, previousY, previousHalf, nextX, nextY, half);
                    previousX = nextX;
                    previousY = nextY;
                    previousHalf = half;
                }
            }
        }

        /** In some images, a short mark near the digit: a slip of the pen, or the end of a neighbour. */
        void stray() {
            if (random.nextFloat() > 0.25) {
                return;
            }
            double x = centreX + xx * random.uniform(-0.7, 0.7) + xy * random.uniform(-0.6, 0.6);
            double y = centreY + yy * random.uniform(-0.6, 0.6);
            image.segment(x, y, 0.8 * halfWidth, x + random.uniform(-4, 4), y + random.uniform(-4, 4), 0.5 * halfWidth);
        }

        /** The uniform Catmull-Rom spline between point {@code span} and the next; the ends are repeated. */
        private static double spline(double[] p, int span, double t) {
            double before = p[Math.max(0, span - 1)];
            double from = p[span];
            double to = p[span + 1];
            double after = p[Math.min(p.length - 1, span + 2)];
            double linear = to - before;
            double square = 2 * before - 5 * from + 4 * to - after;
            double cube = 3 * (from - to) + after - before;
            return from + 0.5 * t * (linear + t * (square + t * cube));
        }

        /** Turns ink into bytes, with a blur and grain. */
        void develop(byte[] pixels, int offset) {
            double blur = random.uniform(0.0, 0.09);
            double grain = random.uniform(0.0, 0.08);
            for (int y = 0; y < SIZE; y++) {
                for (int x = 0; x < SIZE; x++) {
                    double around = at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1);
                    double level = ink * ((1 - 4 * blur) * at(y, x) + blur * around);
                    // The sum of four bytes is nearly normal: mean 510, deviation 148. It roughens ink, not paper.
                    int word = random.nextInt();
                    int sum = (word & 0xFF) + (word >>> 8 & 0xFF) + (word >>> 16 & 0xFF) + (word >>> 24);
                    double rough = level + grain * (sum - 510) / 148.0 * (level > 0 ? 1 : 0);
                    pixels[offset + y * SIZE + x] = (byte) (int) (Math.clamp(rough, 0.0, 1.0) * 255 + 0.5);
                }
            }
        }

        private double at(int y, int x) {
            return y < 0 || y >= SIZE || x < 0 || x >= SIZE ? 0 : image.coverage(y, x);
        }
    }
}
