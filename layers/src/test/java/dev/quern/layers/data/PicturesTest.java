package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.DType;
import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of three channels: CIFAR-10's files, and the built-in ones. */
class PicturesTest {
    private static final int RECORD = 3073;

    @TempDir
    private Path folder;

    private static byte[] record(int label, int red, int green, int blue) {
        byte[] record = new byte[RECORD];
        record[0] = (byte) label;
        Arrays.fill(record, 1, 1025, (byte) red);
        Arrays.fill(record, 1025, 2049, (byte) green);
        Arrays.fill(record, 2049, 3073, (byte) blue);
        return record;
    }

    private void write(String name, byte[]... records) throws IOException {
        byte[] all = new byte[records.length * RECORD];
        for (int i = 0; i < records.length; i++) {
            System.arraycopy(records[i], 0, all, i * RECORD, RECORD);
        }
        Files.write(folder.resolve(name), all);
    }

    @Test
    void cifarIsReadInItsOrderOfFilesAndChannels() throws IOException {
        write("data_batch_1.bin", record(3, 255, 0, 51), record(9, 0, 0, 0));
        write("data_batch_2.bin", record(1, 10, 20, 30));
        write("test_batch.bin", record(7, 1, 2, 3));
        Split<ImageDataset> split = Cifar10.read(folder);
        assertThat(split.train().size()).isEqualTo(3);
        assertThat(split.test().size()).isEqualTo(1);
        assertThat(split.train().sampleShape()).isEqualTo(Shape.of(3, 32, 32));
        assertThat(split.train().label(2)).isEqualTo(1);
        HostTensor inputs = HostTensor.zeros(DType.F32, Shape.of(2, 3, 32, 32));
        HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(2));
        split.train().copy(0, 1, inputs.memory(), labels.memory());
        assertThat(labels.get(1)).isEqualTo(3);
        assertThat(inputs.get(3 * 1024)).isEqualTo(2f);
        assertThat(inputs.get(3 * 1024 + 1024)).isEqualTo(-2f);
        assertThat(inputs.get(3 * 1024 + 2048)).isEqualTo((float) ((0.2 - 0.5) / 0.25));
    }

    @Test
    void shiftedPicturesKeepTheirChannels() throws IOException {
        write("data_batch_1.bin", record(0, 255, 0, 255));
        write("test_batch.bin", record(0, 0, 0, 0));
        Dataset shifted = Cifar10.read(folder).train().withRandomShift(3);
        HostTensor inputs = HostTensor.zeros(DType.F32, Shape.of(1, 3, 32, 32));
        HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(1));
        // All bits set: three pixels down and to the right, with black moving in.
        shifted.copyAugmented(0, -1L, 0, inputs.memory(), labels.memory());
        for (int channel = 0; channel < 3; channel++) {
            assertThat(inputs.get(channel * 1024)).isEqualTo(-2f);
            assertThat(inputs.get(channel * 1024 + 2 * 32 + 31)).isEqualTo(-2f);
            assertThat(inputs.get(channel * 1024 + 3 * 32 + 3)).isEqualTo(channel == 1 ? -2f : 2f);
            assertThat(inputs.get(channel * 1024 + 1023)).isEqualTo(channel == 1 ? -2f : 2f);
        }
    }

    @Test
    void damagedCifarIsRefusedInOneLine() throws IOException {
        assertThatThrownBy(() -> Cifar10.read(folder.resolve("none"))).isInstanceOf(QuernException.class).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> Cifar10.read(folder)).isInstanceOf(QuernException.class).hasMessageContaining("has no data_batch_1.bin");
        write("data_batch_1.bin", record(10, 0, 0, 0));
        assertThatThrownBy(() -> Cifar10.read(folder)).isInstanceOf(QuernException.class).hasMessageContaining("has no test_batch.bin");
        write("test_batch.bin", record(0, 0, 0, 0));
        assertThatThrownBy(() -> Cifar10.read(folder)).isInstanceOf(QuernException.class).hasMessageContaining("label 10 of picture 0");
        Files.write(folder.resolve("data_batch_1.bin"), new byte[RECORD + 5]);
        assertThatThrownBy(() -> Cifar10.read(folder)).isInstanceOf(QuernException.class).hasMessageContaining("whole number of records");
    }

    private static byte[] fine(int coarse, int label, int level) {
        byte[] record = new byte[RECORD + 1];
        Arrays.fill(record, (byte) level);
        record[0] = (byte) coarse;
        record[1] = (byte) label;
        return record;
    }

    @Test
    void cifar100IsReadWithItsFineLabelsAndNames() throws IOException {
        Files.write(folder.resolve("train.bin"), fine(3, 99, 255));
        assertThatThrownBy(() -> Cifar100.read(folder)).isInstanceOf(QuernException.class).hasMessageContaining("has no test.bin");
        Files.write(folder.resolve("test.bin"), fine(19, 4, 0));
        Split<ImageDataset> split = Pictures.read(folder, 32);
        assertThat(split.train().classes()).isEqualTo(100);
        assertThat(split.train().label(0)).isEqualTo(99);
        assertThat(split.train().pixel(0, 31, 31)).isEqualTo(255);
        assertThat(split.test().label(0)).isEqualTo(4);
        Files.writeString(folder.resolve("fine_label_names.txt"), "apple\nbear\n");
        assertThatThrownBy(() -> Cifar100.read(folder)).hasMessageContaining("2 names, expected 100");
        Files.writeString(folder.resolve("fine_label_names.txt"), "kind\n".repeat(100));
        assertThat(Cifar100.read(folder).train().classNames()).hasSize(100).contains("kind");
        Files.write(folder.resolve("test.bin"), fine(0, 100, 0));
        assertThatThrownBy(() -> Cifar100.read(folder)).hasMessageContainingAll("label 100 of picture 0", "CIFAR-100");
    }

    @Test
    void colouredDigitsAreTheSameEachTimeAndCanBeSeen() {
        Split<ImageDataset> one = ColouredDigits.generate(3, 40, 10);
        Split<ImageDataset> other = ColouredDigits.generate(3, 40, 10);
        Split<ImageDataset> grey = SyntheticDigits.generate(3, 40, 10);
        assertThat(one.train().sampleShape()).isEqualTo(Shape.of(3, 32, 32));
        HostTensor labels = HostTensor.zeros(DType.I32, Shape.of(2));
        HostTensor pictures = HostTensor.zeros(DType.F32, Shape.of(2, 3, 32, 32));
        for (int sample = 0; sample < 40; sample++) {
            assertThat(one.train().label(sample)).isEqualTo(grey.train().label(sample));
            one.train().copy(sample, 0, pictures.memory(), labels.memory());
            other.train().copy(sample, 1, pictures.memory(), labels.memory());
            double contrast = 0;
            for (int i = 0; i < 3072; i++) {
                assertThat(pictures.get(i)).isEqualTo(pictures.get(3072 + i));
                contrast = Math.max(contrast, Math.abs(pictures.get(i) - pictures.get(i / 1024 * 1024)));
            }
            // The corner is paper; ink is at most as dark as the pen was full.
            assertThat(contrast).isGreaterThan(0.5);
        }
    }
}
