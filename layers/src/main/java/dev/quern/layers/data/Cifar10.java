package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads pictures of ten kinds of things in the binary version of CIFAR-10: {@code data_batch_1.bin} to {@code data_batch_5.bin} and
 * {@code test_batch.bin}, each a sequence of records of one label byte and 3072 pixels (red, green, blue; row by row). Krizhevsky, "Learning
 * multiple layers of features from tiny images", 2009. Fewer training files than five are taken as they are.
 */
public final class Cifar10 {
    private static final CifarRecords RECORDS = new CifarRecords("CIFAR-10", 1,
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"));
    private static final int TRAINING_FILES = 5;

    private Cifar10() {
    }

    /**
     * Reads training and test pictures.
     *
     * @param folder the folder of the files
     * @throws QuernException if the folder or a file is missing or damaged
     */
    public static Split<ImageDataset> read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new QuernException("data folder " + folder + (Files.exists(folder) ? " is a file" : " does not exist")
                    + "; expected a folder with CIFAR-10's data_batch_1.bin and test_batch.bin (the binary version)");
        }
        List<Path> training = new ArrayList<>();
        for (int i = 1; i <= TRAINING_FILES; i++) {
            Path file = folder.resolve("data_batch_" + i + ".bin");
            if (Files.isRegularFile(file)) {
                training.add(file);
            }
        }
        if (training.isEmpty() || !Files.isRegularFile(folder.resolve("test_batch.bin"))) {
            throw new QuernException("data folder " + folder + " has no " + (training.isEmpty() ? "data_batch_1.bin" : "test_batch.bin")
                    + "; CIFAR-10's binary version is data_batch_1.bin to data_batch_5.bin and test_batch.bin");
        }
        return new Split<>(RECORDS.read("CIFAR-10 training pictures of " + folder, training),
                RECORDS.read("CIFAR-10 test pictures of " + folder, List.of(folder.resolve("test_batch.bin"))));
    }
}
