package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResizedPicturesTest {
    private static final int SIDE = 8;
    /** Levels that rise by these from row to row, from column to column and from channel to channel. */
    private static final int DOWN = 10;
    private static final int ACROSS = 3;
    private static final int DEEPER = 40;

    private final HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(1));

    private static ImageDataset slope() {
        byte[] pixels = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (DEEPER * (i / (SIDE * SIDE)) + DOWN * (i / SIDE % SIDE) + ACROSS * (i % SIDE));
        }
        return new ImageDataset("slope", 3, SIDE, SIDE, 2, pixels, new byte[] {1}).normalised(new Normalisation(List.of(0.0), List.of(1 / 255.0)));
    }

    /** Levels of a copy, [3, size, size]. */
    private double[] levels(ResizedPictures pictures, boolean training, long bits) {
        HostTensor inputs = HostTensor.zeros(DType.F32, Shape.of(1, 3, pictures.sampleShape().extent(1), pictures.sampleShape().extent(2)));
        if (training) {
            pictures.copyAugmented(0, bits, 0, inputs.memory(), labels.memory());
        } else {
            pictures.copy(0, 0, inputs.memory(), labels.memory());
        }
        assertThat(labels.get(0)).isEqualTo(1);
        double[] values = new double[(int) inputs.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = inputs.get(i);
        }
        return values;
    }

    private static double slope(int channel, double row, double column) {
        return DEEPER * channel + DOWN * (row - 0.5) + ACROSS * (column - 0.5);
    }

    @Test
    void aSlopeStaysASlopeAtAnySize() {
        for (int size : new int[] {4, SIDE, 20}) {
            double[] levels = levels(ResizedPictures.of(slope(), size), false, 0);
            double step = (double) SIDE / size;
            for (int y = size / 4; y < size - size / 4; y++) {
                for (int x = size / 4; x < size - size / 4; x++) {
                    for (int channel = 0; channel < 3; channel++) {
                        assertThat(levels[(channel * size + y) * size + x]).isCloseTo(slope(channel, (y + 0.5) * step, (x + 0.5) * step), within(1e-3));
                    }
                }
            }
        }
    }

    @Test
    void evaluationSeesTheMiddle() {
        double[] levels = levels(ResizedPictures.of(slope(), 4).seenInTheMiddle(4), false, 0);
        assertThat(levels[0]).isCloseTo(slope(0, 2.5, 2.5), within(1e-3));
        assertThat(levels[15]).isCloseTo(slope(0, 5.5, 5.5), within(1e-3));
    }

    @Test
    void trainingSeesThePartThatTheBitsDecideOnMirroredOrNot() {
        RandomResizedCrop crop = RandomResizedCrop.standard();
        ResizedPictures pictures = ResizedPictures.of(slope(), 6).cropped(crop).withRandomFlip();
        int mirrored = 0;
        for (long bits = 0; bits < 200; bits++) {
            RandomResizedCrop.Window window = crop.window(bits, SIDE, SIDE);
            double[] levels = levels(pictures, true, bits);
            double middle = (levels[14] + levels[15] + levels[20] + levels[21]) / 4;
            assertThat(middle).isCloseTo(slope(0, window.top() + window.height() / 2.0, window.left() + window.width() / 2.0), within(1e-3));
            mirrored += levels[14] > levels[15] ? 1 : 0;
        }
        assertThat(mirrored).isBetween(60, 140);
    }

    /** The area's share is uniform until the window does not fit; place and proportions lie within the picture and the limits. */
    @Test
    void windowsAreDrawnAsTorchvisionDoes() {
        RandomResizedCrop crop = RandomResizedCrop.standard();
        double share = 0;
        double logarithm = 0;
        int count = 20_000;
        for (long bits = 0; bits < count; bits++) {
            RandomResizedCrop.Window window = crop.window(bits << 17, 300, 400);
            assertThat(window.top()).isBetween(0, 300 - window.height());
            assertThat(window.left()).isBetween(0, 400 - window.width());
            double area = window.height() * window.width() / 120_000.0;
            double ratio = (double) window.width() / window.height();
            assertThat(area).isBetween(0.078, 1.001);
            assertThat(ratio).isBetween(0.74, 1.35);
            share += area / count;
            logarithm += Math.log(ratio) / count;
        }
        // The means over 100,000 windows of the same definition in Python: 0.4325 and 0.0308.
        assertThat(share).isCloseTo(0.4325, within(0.006));
        assertThat(logarithm).isCloseTo(0.0308, within(0.006));
        // Proportions that never fit: the largest part in the middle.
        assertThat(new RandomResizedCrop(1, 1, 3, 3).window(5, 300, 300)).isEqualTo(new RandomResizedCrop.Window(100, 0, 100, 300));
        assertThat(new RandomResizedCrop(1, 1, 1, 1).window(5, 300, 300)).isEqualTo(new RandomResizedCrop.Window(0, 0, 300, 300));
    }

    @Test
    void coloursChangeAndNothingIsAllocated() {
        ResizedPictures pictures = ResizedPictures.of(slope(), 6).cropped(RandomResizedCrop.standard()).withColourJitter(0.2, 0.2, 0.2);
        assertThat(levels(pictures, true, 3)).isNotEqualTo(levels(ResizedPictures.of(slope(), 6).cropped(RandomResizedCrop.standard()), true, 3));
        HostTensor inputs = HostTensor.zeros(DType.F32, Shape.of(1, 3, 6, 6));
        assertThat(Allocation.bytesOfACall(bits -> pictures.copyAugmented(0, bits, 0, inputs.memory(), labels.memory()), 128))
                .as("bytes a picture").isLessThanOrEqualTo(128);
    }

    @Test
    void moreClassesThanOccurAreCalledByNumbersAndWhatDoesNotSuitIsRefused() {
        assertThat(ResizedPictures.of(slope(), 4).withClasses(4).classNames()).containsExactly("0", "1", "2", "3");
        assertThatThrownBy(() -> ResizedPictures.of(slope(), 4).withClasses(1)).isInstanceOf(QuernException.class).hasMessageContaining("has 2 classes");
        assertThatThrownBy(() -> ResizedPictures.of(slope(), 4).seenInTheMiddle(9)).isInstanceOf(QuernException.class).hasMessageContaining("9 of 8 rows");
        assertThatThrownBy(() -> ResizedPictures.of(new ImageDataset("wide", 3, 1, 2, 2, new byte[6], new byte[1]), 4))
                .isInstanceOf(QuernException.class).hasMessageContaining("must be square");
        assertThatThrownBy(() -> new RandomResizedCrop(0, 1, 1, 1)).isInstanceOf(QuernException.class).hasMessageContaining("areas must rise");
    }
}
