package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads handwritten digits in the four files of MNIST: {@code train-images-idx3-ubyte}, {@code train-labels-idx1-ubyte},
 * {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, each plain or with {@code .gz}.
 */
public final class Mnist {
    private static final int CLASSES = 10;

    private Mnist() {
    }

    /**
     * Reads training and test images.
     *
     * @param folder the folder of the four files
     * @throws QuernException if a file is missing, damaged, or does not fit its companion
     */
    public static Split<ImageDataset> read(Path folder) {
        return new Split<>(train(folder), test(folder));
    }

    /** Reads the training images; see {@link #read}. */
    public static ImageDataset train(Path folder) {
        return read(folder, "train", "training");
    }

    /** Reads the test images; see {@link #read}. */
    public static ImageDataset test(Path folder) {
        return read(folder, "t10k", "test");
    }

    private static ImageDataset read(Path folder, String prefix, String what) {
        requireFolder(folder);
        IdxFile images = IdxFile.read(find(folder, prefix + "-images", "idx3-ubyte"), 3);
        IdxFile labels = IdxFile.read(find(folder, prefix + "-labels", "idx1-ubyte"), 1);
        int count = images.shape().extent(0);
        if (labels.shape().extent(0) != count) {
            throw new QuernException(labels.path() + ": " + labels.shape().extent(0) + " labels, but "
                    + images.path().getFileName() + " has " + count + " images; the two files must belong together");
        }
        for (int sample = 0; sample < count; sample++) {
            int label = Byte.toUnsignedInt(labels.bytes()[sample]);
            if (label >= CLASSES) {
                throw new QuernException(labels.path() + ": label " + label + " of image " + sample
                        + ", expected 0 to " + (CLASSES - 1));
            }
        }
        return new ImageDataset("MNIST " + what + " images of " + folder, images.shape().extent(1),
                images.shape().extent(2), CLASSES, images.bytes(), labels.bytes());
    }

    private static void requireFolder(Path folder) {
        if (!Files.exists(folder)) {
            throw new QuernException("data folder " + folder + " does not exist; expected a folder with MNIST's "
                    + "train-images-idx3-ubyte[.gz] and its three companions");
        }
        if (!Files.isDirectory(folder)) {
            throw new QuernException("data folder " + folder + " is a file; name the folder that holds MNIST's "
                    + "train-images-idx3-ubyte[.gz] and its three companions");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isEmpty()) {
                throw new QuernException("data folder " + folder + " is empty; expected MNIST's "
                        + "train-images-idx3-ubyte[.gz] and its three companions");
            }
        } catch (IOException e) {
            throw new QuernException("data folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Some archives spell the names with a dot before {@code idx}. */
    private static Path find(Path folder, String stem, String suffix) {
        List<String> names = new ArrayList<>();
        for (String separator : List.of("-", ".")) {
            for (String ending : List.of("", ".gz")) {
                names.add(stem + separator + suffix + ending);
            }
        }
        for (String name : names) {
            Path path = folder.resolve(name);
            if (Files.isRegularFile(path)) {
                return path;
            }
        }
        throw new QuernException("data folder " + folder + " has no " + names.get(0) + " or " + names.get(1)
                + "; MNIST is four files, of training and test images and labels");
    }
}
