package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class DatasetTest {
    /** Samples 0 to n - 1 with their own number as input and its last digit as label. */
    private static TensorDataset numbers(int samples) {
        float[] inputs = new float[samples];
        int[] labels = new int[samples];
        for (int i = 0; i < samples; i++) {
            inputs[i] = i;
            labels[i] = i % 10;
        }
        return new TensorDataset("numbers", HostTensor.of(Shape.of(samples, 1), inputs),
                HostTensor.of(Shape.of(samples), labels), 10);
    }

    private static float[] epoch(BatchLoader loader, int batch, long epoch) {
        float[] seen = new float[loader.trainingBatches() * batch];
        HostTensor inputs = HostTensor.zeros(DType.F32, Shape.of(batch, 1));
        HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(batch));
        for (int number = 0; number < loader.trainingBatches(); number++) {
            loader.fillTraining(epoch, number, List.of(inputs.memory(), labels.memory()));
            System.arraycopy(inputs.toFloats(), 0, seen, number * batch, batch);
            for (int row = 0; row < batch; row++) {
                assertThat(labels.toInts()[row]).isEqualTo((int) inputs.toFloats()[row] % 10);
            }
        }
        return seen;
    }

    @Test
    void anEpochShowsEachSampleOnceInAnOrderOfItsOwn() {
        BatchLoader loader = new BatchLoader(numbers(100), 8, 1);
        assertThat(loader.trainingBatches()).isEqualTo(12);
        float[] first = epoch(loader, 8, 0);
        float[] second = epoch(loader, 8, 1);
        assertThat(first).hasSize(96).doesNotHaveDuplicates();
        assertThat(second).doesNotHaveDuplicates().isNotEqualTo(first);
        assertThat(epoch(new BatchLoader(numbers(100), 8, 1), 8, 1)).isEqualTo(second);
        assertThat(epoch(new BatchLoader(numbers(100), 8, 2), 8, 1)).isNotEqualTo(second);
    }

    @Test
    void theLastEvaluationBatchIsPaddedAndCountsOnlyItsSamples() {
        BatchLoader loader = new BatchLoader(numbers(10), 8, 1);
        HostTensor inputs = HostTensor.zeros(DType.F32, Shape.of(8, 1));
        HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(8));
        assertThat(loader.evaluationBatches()).isEqualTo(2);
        assertThat(loader.fillEvaluation(0, List.of(inputs.memory(), labels.memory()))).isEqualTo(8);
        assertThat(loader.fillEvaluation(1, List.of(inputs.memory(), labels.memory()))).isEqualTo(2);
        assertThat(inputs.toFloats()).containsExactly(8, 9, 9, 9, 9, 9, 9, 9);
    }

    @Test
    void aLimitKeepsTheFirstSamples() {
        Samples limited = numbers(100).limit(7);
        assertThat(limited.size()).isEqualTo(7);
        assertThat(limited.name()).isEqualTo("the first 7 of numbers");
        assertThat(limited.limit(50)).isSameAs(limited);
        assertThatThrownBy(() -> limited.limit(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void pixelsAreNormalisedAndShiftedWithBackground() {
        byte[] pixels = new byte[16];
        pixels[5] = (byte) 255;
        ImageDataset still = new ImageDataset("dot", 4, 4, 10, pixels, new byte[] {3});
        HostTensor inputs = HostTensor.zeros(DType.F32, Shape.of(1, 1, 4, 4));
        HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(1));
        still.copyAugmented(0, -1, 0, inputs.memory(), labels.memory());
        assertThat(inputs.toFloats()[5]).isCloseTo((1 - 0.1307f) / 0.3081f, within(1e-6f));
        assertThat(inputs.toFloats()[0]).isCloseTo(-0.1307f / 0.3081f, within(1e-6f));
        assertThat(labels.toInts()).containsExactly(3);

        // All bits set choose the largest shift, none the smallest.
        ImageDataset moving = still.withRandomShift(1);
        moving.copyAugmented(0, -1, 0, inputs.memory(), labels.memory());
        assertThat(brightest(inputs)).isEqualTo(10);
        moving.copyAugmented(0, 0, 0, inputs.memory(), labels.memory());
        assertThat(brightest(inputs)).isEqualTo(0);
        moving.copy(0, 0, inputs.memory(), labels.memory());
        assertThat(brightest(inputs)).isEqualTo(5);
    }

    private static int brightest(HostTensor image) {
        float[] values = image.toFloats();
        int best = 0;
        for (int i = 0; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    @Test
    void labelsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new TensorDataset("bad", HostTensor.of(Shape.of(1, 1), 0f),
                HostTensor.of(Shape.of(1), 10), 10)).hasMessageContaining("label 10 of sample 0");
    }

    /** The checksum is the same on every machine; it changes only when the drawing is changed on purpose. */
    @Test
    void syntheticDigitsAreTheSameBytesEverywhere() {
        Split<ImageDataset> split = SyntheticDigits.generate(0, 200, 50);
        CRC32 checksum = new CRC32();
        int[] counts = new int[10];
        for (Dataset part : new Dataset[] {split.train(), split.test()}) {
            ImageDataset images = (ImageDataset) part;
            for (int sample = 0; sample < images.size(); sample++) {
                checksum.update(images.label(sample));
                counts[images.label(sample)]++;
                for (int i = 0; i < 28 * 28; i++) {
                    checksum.update(images.pixel(sample, i / 28, i % 28));
                }
            }
        }
        assertThat(Arrays.stream(counts).min().orElseThrow()).isPositive();
        assertThat(checksum.getValue()).isEqualTo(1982161094L);
    }

    @Test
    void syntheticImagesHoldInkInsideAnEmptyMargin() {
        ImageDataset images = (ImageDataset) SyntheticDigits.generate(1, 300, 1).train();
        int touching = 0;
        for (int sample = 0; sample < images.size(); sample++) {
            int ink = 0;
            boolean edge = false;
            for (int i = 0; i < 28 * 28; i++) {
                boolean dark = images.pixel(sample, i / 28, i % 28) > 127;
                ink += dark ? 1 : 0;
                edge |= dark && (i / 28 % 27 == 0 || i % 28 % 27 == 0);
            }
            assertThat(ink).as("ink of sample %d", sample).isBetween(10, 300);
            touching += edge ? 1 : 0;
        }
        assertThat(touching).isLessThan(25);
    }
}
