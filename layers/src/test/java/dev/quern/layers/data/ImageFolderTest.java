package dev.quern.layers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.quern.runtime.HostTensor;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures in files, and in a folder a class. */
class ImageFolderTest {
    @TempDir
    private Path folder;

    /** A picture whose left half has one colour and whose right half has another. */
    private Path picture(String name, int width, int height, int left, int right) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, x < width / 2 ? left : right);
            }
        }
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        ImageIO.write(image, "png", path.toFile());
        return path;
    }

    @Test
    void picturesAreCutToTheirMiddleAndResized() throws IOException {
        byte[] same = ImageFile.read(picture("same.png", 4, 4, 0xFF0000, 0x0000FF), Shape.of(3, 4, 4));
        assertThat(Arrays.copyOf(same, 4)).as("first row of red").containsExactly(-1, -1, 0, 0);
        assertThat(Arrays.copyOfRange(same, 32, 36)).as("first row of blue").containsExactly(0, 0, -1, -1);
        byte[] wide = ImageFile.read(picture("wide.png", 100, 20, 0xFFFFFF, 0), Shape.of(1, 10, 10));
        assertThat(wide[0]).as("left of the middle square").isEqualTo((byte) 255);
        assertThat(wide[9]).isZero();
        byte[] larger = ImageFile.read(picture("small.png", 2, 2, 0, 0xC8C8C8), Shape.of(1, 4, 4));
        assertThat(larger[0]).isZero();
        assertThat(Byte.toUnsignedInt(larger[1])).as("between the two").isEqualTo(50);
        assertThat(Byte.toUnsignedInt(larger[3])).isEqualTo(200);
        HostTensor tensor = ImageFile.read(folder.resolve("same.png"), Shape.of(3, 4, 4), Normalisation.IMAGENET, false);
        assertThat(tensor.shape()).isEqualTo(Shape.of(1, 3, 4, 4));
        assertThat(tensor.get(0)).isCloseTo((1 - 0.485) / 0.229, within(1e-5));
        assertThat(tensor.get(16)).isCloseTo((0 - 0.456) / 0.224, within(1e-5));
        assertThat(ImageFile.read(folder.resolve("same.png"), Shape.of(3, 4, 4), Normalisation.PICTURES, true).get(0)).isEqualTo(-2f);
    }

    @Test
    void brokenFilesAreSkippedByNameAndCounted() throws IOException {
        for (int i = 0; i < 10; i++) {
            picture("cat/" + i + ".png", 8, 8, 0xFF0000, 0xFF0000);
            picture("dog/" + i + ".png", 9, 12, 0x00FF00, 0x00FF00);
        }
        byte[] whole = Files.readAllBytes(folder.resolve("cat/3.png"));
        Files.write(folder.resolve("cat/3.png"), Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(folder.resolve("dog/notes.txt"), "not a picture");
        Files.writeString(folder.resolve("dog/.hidden"), "nor looked at");
        Files.createDirectories(folder.resolve(".cache"));
        List<String> skipped = new ArrayList<>();
        Split<ImageDataset> split = ImageFolder.read(folder, Shape.of(3, 4, 4), Normalisation.PICTURES, skipped::add);
        assertThat(split.train().classNames()).containsExactly("cat", "dog");
        assertThat(split.train().size()).isEqualTo(15);
        assertThat(split.test().size()).isEqualTo(4);
        assertThat(split.train().label(0)).isZero();
        assertThat(split.train().label(14)).isEqualTo(1);
        assertThat(split.train().name()).endsWith("(2 files skipped)");
        assertThat(skipped).hasSize(2).anyMatch(line -> line.contains("3.png: is a broken picture"))
                .anyMatch(line -> line.contains("notes.txt: is no picture"));
        assertThat(ImageFolder.isOne(folder)).isTrue();
        assertThat(ImageFolder.isOne(folder.resolve("cat"))).isFalse();
        assertThat(Pictures.read(folder, 4).train().size()).isEqualTo(15);
    }

    @Test
    void foldersOfTrainingAndTestAreTakenAsTheyAre() throws IOException {
        picture("train/a/1.png", 4, 4, 1, 1);
        picture("train/b/1.png", 4, 4, 1, 1);
        picture("val/a/1.png", 4, 4, 1, 1);
        Path only = folder;
        assertThatThrownBy(() -> ImageFolder.read(only, Shape.of(1, 4, 4), Normalisation.DIGITS, line -> { }))
                .isInstanceOf(QuernException.class).hasMessageContaining("has classes [a], but");
        picture("val/b/1.png", 4, 4, 1, 1);
        Split<ImageDataset> split = ImageFolder.read(folder, Shape.of(1, 4, 4), Normalisation.DIGITS, line -> { });
        assertThat(split.train().size()).isEqualTo(2);
        assertThat(split.test().size()).isEqualTo(2);
    }

    @Test
    void whatCannotBeLearnedFromIsRefusedInOneLine() throws IOException {
        assertThatThrownBy(() -> Pictures.read(folder.resolve("none"), 4)).isInstanceOf(QuernException.class).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> Pictures.read(folder, 4)).hasMessageContaining("has neither data_batch_1.bin");
        picture("few/1.png", 4, 4, 1, 1);
        assertThatThrownBy(() -> Pictures.read(folder, 4)).hasMessageContainingAll("few: has no test picture", "of 1 file", "every fifth");
        assertThatThrownBy(() -> ImageFile.read(folder.resolve("none.png"), Shape.of(1, 4, 4))).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> ImageFile.read(folder.resolve("few/1.png"), Shape.of(2, 4, 4))).hasMessageContaining("1 or 3 channels");
    }
}
