package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Coloured pictures in whichever layout a folder has: CIFAR-10's, CIFAR-100's, or a folder a class. */
public final class Pictures {
    private static final Logger LOG = LoggerFactory.getLogger(Pictures.class);
    private static final int CHANNELS = 3;

    private Pictures() {
    }

    /**
     * Reads training and test pictures. Broken files among folders of classes are skipped and logged as warnings.
     *
     * @param folder see {@link Cifar10}, {@link Cifar100} and {@link ImageFolder}
     * @param size   rows and columns to bring pictures of folders to; CIFAR's are 32
     * @throws QuernException if the folder has none of the layouts, or a file is damaged
     */
    public static Split<ImageDataset> read(Path folder, int size) {
        return read(folder, size, Normalisation.PICTURES);
    }

    /** The same with other numbers for the pixels. */
    public static Split<ImageDataset> read(Path folder, int size, Normalisation normalisation) {
        if (!Files.isDirectory(folder)) {
            throw new QuernException("data folder " + folder + (Files.exists(folder) ? " is a file" : " does not exist") + "; expected "
                    + "CIFAR-10's or CIFAR-100's binary files in it, or a folder a class");
        }
        if (Files.exists(folder.resolve("data_batch_1.bin")) || Files.exists(folder.resolve("test_batch.bin"))) {
            return normalised(Cifar10.read(folder), normalisation);
        }
        if (Files.exists(folder.resolve("train.bin")) || Files.exists(folder.resolve("test.bin"))) {
            return normalised(Cifar100.read(folder), normalisation);
        }
        if (ImageFolder.isOne(folder)) {
            return folders(folder, Shape.of(CHANNELS, size, size), normalisation);
        }
        throw new QuernException("data folder " + folder + " has neither data_batch_1.bin and test_batch.bin (CIFAR-10's binary version), nor "
                + "train.bin and test.bin (CIFAR-100's), nor a folder a class");
    }

    private static Split<ImageDataset> normalised(Split<ImageDataset> pictures, Normalisation normalisation) {
        return new Split<>(pictures.train().normalised(normalisation), pictures.test().normalised(normalisation));
    }

    /** Pictures in a folder a class; broken files are skipped and logged as warnings. */
    public static Split<ImageDataset> folders(Path folder, Shape shape, Normalisation normalisation) {
        return ImageFolder.read(folder, shape, normalisation, LOG::warn);
    }
}
