package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
    private static final String IMAGES = "train-images-idx3-ubyte";
    private static final String LABELS = "train-labels-idx1-ubyte";

    @TempDir
    Path folder;

    @BeforeEach
    void writeWholeSet() throws IOException {
        Files.write(folder.resolve(IMAGES), images(3, 28, 28));
        Files.write(folder.resolve(LABELS), labels(3, 1, 4));
        Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), gzip(images(2, 28, 28)));
        Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), gzip(labels(9, 0)));
    }

    private static byte[] images(int count, int height, int width) {
        ByteBuffer file = ByteBuffer.allocate(16 + count * height * width);
        file.putInt(0x803).putInt(count).putInt(height).putInt(width);
        for (int i = 0; file.hasRemaining(); i++) {
            file.put((byte) (i * 7));
        }
        return file.array();
    }

    private static byte[] labels(int... labels) {
        ByteBuffer file = ByteBuffer.allocate(8 + labels.length).putInt(0x801).putInt(labels.length);
        for (int label : labels) {
            file.put((byte) label);
        }
        return file.array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private void expectFailure(String... parts) {
        assertThatThrownBy(() -> Mnist.read(folder)).isInstanceOf(QuernException.class)
                .hasMessageContainingAll(parts).hasMessageNotContaining("\n");
    }

    @Test
    void readsPlainAndCompressedFiles() {
        Split<ImageDataset> split = Mnist.read(folder);
        assertThat(split.train().size()).isEqualTo(3);
        assertThat(split.train().sampleShape()).isEqualTo(Shape.of(1, 28, 28));
        assertThat(split.train().label(2)).isEqualTo(4);
        assertThat(split.test().size()).isEqualTo(2);
        assertThat(split.test().label(0)).isEqualTo(9);
        assertThat(((ImageDataset) split.train()).pixel(0, 0, 5)).isEqualTo(35);
    }

    @Test
    void readsNamesWithADotBeforeIdx() throws IOException {
        Files.move(folder.resolve(IMAGES), folder.resolve("train-images.idx3-ubyte"));
        assertThat(Mnist.train(folder).size()).isEqualTo(3);
    }

    @Test
    void aMissingFolderIsNamed() {
        assertThatThrownBy(() -> Mnist.read(folder.resolve("nowhere"))).isInstanceOf(QuernException.class)
                .hasMessageContainingAll("nowhere", "does not exist", "train-images-idx3-ubyte");
    }

    @Test
    void anEmptyFolderIsNamed(@TempDir Path empty) {
        assertThatThrownBy(() -> Mnist.read(empty)).isInstanceOf(QuernException.class)
                .hasMessageContainingAll(empty.toString(), "is empty");
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed() {
        assertThatThrownBy(() -> Mnist.read(folder.resolve(IMAGES))).isInstanceOf(QuernException.class)
                .hasMessageContainingAll(IMAGES, "is a file");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.delete(folder.resolve(LABELS));
        expectFailure("has no " + LABELS);
    }

    @Test
    void aTruncatedFileStatesWhatItHasAndWhatItShould() throws IOException {
        byte[] whole = images(3, 28, 28);
        Files.write(folder.resolve(IMAGES), Arrays.copyOf(whole, whole.length - 10));
        expectFailure(IMAGES, "truncated", "2342", "2352");
        Files.write(folder.resolve(IMAGES), Arrays.copyOf(whole, 9));
        expectFailure(IMAGES, "truncated in its header");
        Files.write(folder.resolve(IMAGES), new byte[0]);
        expectFailure(IMAGES, "0 bytes are no IDX file");
    }

    @Test
    void aTruncatedOrDamagedGzipIsNamed() throws IOException {
        Path path = folder.resolve("t10k-images-idx3-ubyte.gz");
        byte[] whole = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(whole, whole.length - 20));
        expectFailure("t10k-images-idx3-ubyte.gz", "truncated");
        Files.write(path, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
        expectFailure("t10k-images-idx3-ubyte.gz", "damaged");
    }

    @Test
    void aWrongMagicNumberIsStated() throws IOException {
        Files.write(folder.resolve(IMAGES), labels(3, 1, 4));
        expectFailure(IMAGES, "0x00000801", "0x00000803");
    }

    @Test
    void aLongerFileIsRefused() throws IOException {
        byte[] whole = images(3, 28, 28);
        Files.write(folder.resolve(IMAGES), Arrays.copyOf(whole, whole.length + 1));
        expectFailure(IMAGES, "longer than");
    }

    @Test
    void aHeaderThatPromisesTooMuchCostsNoMemory() throws IOException {
        byte[] whole = images(3, 28, 28);
        ByteBuffer.wrap(whole).putInt(4, 2_000_000);
        Files.write(folder.resolve(IMAGES), whole);
        expectFailure(IMAGES, "truncated", "2352");
        ByteBuffer.wrap(whole).putInt(4, -1);
        Files.write(folder.resolve(IMAGES), whole);
        expectFailure(IMAGES, "extent 4294967295");
    }

    @Test
    void imagesAndLabelsMustBeEqualInNumber() throws IOException {
        Files.write(folder.resolve(LABELS), labels(3, 1));
        expectFailure(LABELS, "2 labels", "3 images");
    }

    @Test
    void aLabelPastNineIsNamed() throws IOException {
        Files.write(folder.resolve(LABELS), labels(3, 10, 4));
        expectFailure(LABELS, "label 10 of image 1", "0 to 9");
    }
}
