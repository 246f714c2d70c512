package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.layers.random.RandomStream;
import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import org.junit.jupiter.api.Test;

class AugmentationTest {
    private static final int SIDE = 6;
    private static final int PLANE = SIDE * SIDE;

    private final HostTensor input = HostTensor.zeros(DType.F32, Shape.of(1, 3, SIDE, SIDE));
    private final HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(1));

    /** One picture of random levels. */
    private static ImageDataset picture() {
        byte[] pixels = new byte[3 * PLANE];
        RandomStream random = new RandomStream(5, "picture", 0);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) random.nextInt(256);
        }
        return new ImageDataset("one", 3, SIDE, SIDE, 2, pixels, new byte[] {1});
    }

    private double[] changed(ImageDataset data, long bits) {
        data.copyAugmented(0, bits, 0, input.memory(), labels.memory());
        double[] values = new double[3 * PLANE];
        for (int i = 0; i < values.length; i++) {
            values[i] = input.get(i);
        }
        return values;
    }

    private double[] plain() {
        return changed(picture(), 0);
    }

    @Test
    void halfOfThePicturesAreMirrored() {
        ImageDataset flipping = picture().withRandomFlip();
        double[] plain = plain();
        int mirrored = 0;
        for (long bits = 0; bits < 1000; bits++) {
            double[] values = changed(flipping, bits << 20);
            boolean same = values[0] == plain[0];
            mirrored += same ? 0 : 1;
            for (int i = 0; i < values.length; i++) {
                int row = i / SIDE * SIDE;
                assertThat(values[i]).isEqualTo(plain[same ? i : row + SIDE - 1 - i % SIDE]);
            }
        }
        assertThat(mirrored).isBetween(440, 560);
        assertThat(labels.get(0)).isEqualTo(1);
    }

    @Test
    void mirroredPicturesAreMovedToo() {
        ImageDataset both = picture().withRandomShift(1).withRandomFlip();
        double[] plain = plain();
        int found = 0;
        for (long bits : new long[] {-1L, -2L, -3L, -4L, -5L, -6L, -7L, -8L}) {
            // One pixel down and to the right.
            double[] values = changed(both, bits);
            assertThat(values[0]).as("black moves in").isEqualTo(-2f);
            boolean mirrored = values[SIDE + 1] == plain[SIDE - 1];
            assertThat(values[SIDE + 1]).isEqualTo(mirrored ? plain[SIDE - 1] : plain[0]);
            found += mirrored ? 1 : 0;
        }
        assertThat(found).isBetween(1, 7);
    }

    @Test
    void coloursChangeWithinTheirReachAndTheSameBitsGiveTheSame() {
        ImageDataset jittered = picture().withColourJitter(0.4, 0, 0);
        double[] plain = plain();
        double least = 2;
        double most = 0;
        for (long bits = 0; bits < 200; bits++) {
            double[] values = changed(jittered, bits);
            assertThat(changed(jittered, bits)).isEqualTo(values);
            // The darkest pixel never reaches white, so its factor is the picture's.
            int darkest = 0;
            for (int i = 0; i < values.length; i++) {
                darkest = plain[i] < plain[darkest] && plain[i] > -1.9 ? i : darkest;
            }
            double factor = (values[darkest] + 2) / (plain[darkest] + 2);
            least = Math.min(least, factor);
            most = Math.max(most, factor);
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).isCloseTo(Math.min(2, (plain[i] + 2) * factor - 2), within(1e-4));
            }
        }
        assertThat(least).isBetween(0.6 - 1e-4, 0.65);
        assertThat(most).isBetween(1.35, 1.4 + 1e-4);
    }

    @Test
    void contrastKeepsTheMeanAndSaturationKeepsGrey() {
        byte[] pixels = new byte[3 * PLANE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (100 + i % PLANE % 2 * 20 + i / PLANE * 10);
        }
        ImageDataset soft = new ImageDataset("soft", 3, SIDE, SIDE, 2, pixels, new byte[] {0});
        double[] plain = changed(soft, 0);
        double[] contrasted = changed(soft.withColourJitter(0, 0.5, 0), 7);
        double[] saturated = changed(soft.withColourJitter(0, 0, 0.5), 7);
        double[] shares = {0.299, 0.587, 0.114};
        double mean = 0;
        double changedMean = 0;
        for (int i = 0; i < PLANE; i++) {
            double grey = 0;
            double changedGrey = 0;
            for (int channel = 0; channel < 3; channel++) {
                mean += shares[channel] * plain[channel * PLANE + i];
                changedMean += shares[channel] * contrasted[channel * PLANE + i];
                grey += shares[channel] * plain[channel * PLANE + i];
                changedGrey += shares[channel] * saturated[channel * PLANE + i];
            }
            assertThat(changedGrey).isCloseTo(grey, within(1e-4));
        }
        assertThat(changedMean).isCloseTo(mean, within(1e-3));
        assertThat(contrasted).isNotEqualTo(plain);
        assertThat(saturated).isNotEqualTo(plain);
    }

    @Test
    void changingAPictureAllocatesNothing() {
        ImageDataset all = picture().withRandomShift(2).withRandomFlip().withColourJitter(0.2, 0.2, 0.2);
        ImageDataset moved = picture().withRandomShift(2).withRandomFlip();
        long bytes = Allocation.bytesOfACall(bits -> {
            all.copyAugmented(0, bits, 0, input.memory(), labels.memory());
            moved.copyAugmented(0, bits, 0, input.memory(), labels.memory());
        }, 128);
        assertThat(bytes).as("bytes of two pictures").isLessThanOrEqualTo(128);
    }

    @Test
    void whatDoesNotSuitPicturesIsRefused() {
        assertThatThrownBy(() -> picture().withColourJitter(1, 0, 0)).isInstanceOf(QuernException.class).hasMessageContaining("below 1");
        assertThatThrownBy(() -> new ImageDataset("two", 2, 1, 1, 2, new byte[2], new byte[1]).withColourJitter(0.1, 0, 0))
                .isInstanceOf(QuernException.class).hasMessageContaining("no colours");
        assertThatThrownBy(() -> picture().withRandomShift(SIDE)).isInstanceOf(QuernException.class);
    }
}
