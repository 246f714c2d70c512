package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads pictures of a hundred kinds of things in the binary version of CIFAR-100: {@code train.bin} and {@code test.bin}, each a sequence of
 * records of one byte for the kind of kinds, one for the kind, and 3072 pixels. {@code fine_label_names.txt} beside them, if it is there,
 * names the kinds. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
 */
public final class Cifar100 {
    private static final int CLASSES = 100;

    private Cifar100() {
    }

    /**
     * Reads training and test pictures, with the fine labels.
     *
     * @param folder the folder of the files
     * @throws QuernException if the folder or a file is missing or damaged
     */
    public static Split<ImageDataset> read(Path folder) {
        for (String name : List.of("train.bin", "test.bin")) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new QuernException("data folder " + folder + " has no " + name + "; CIFAR-100's binary version is train.bin and "
                        + "test.bin");
            }
        }
        CifarRecords records = new CifarRecords("CIFAR-100", 2, names(folder.resolve("fine_label_names.txt")));
        return new Split<>(records.read("CIFAR-100 training pictures of " + folder, List.of(folder.resolve("train.bin"))),
                records.read("CIFAR-100 test pictures of " + folder, List.of(folder.resolve("test.bin"))));
    }

    private static List<String> names(Path file) {
        List<String> numbers = IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
        if (!Files.isRegularFile(file)) {
            return numbers;
        }
        try {
            List<String> names = Files.readAllLines(file).stream().map(String::strip).filter(line -> !line.isEmpty()).toList();
            if (names.size() != CLASSES) {
                throw new QuernException(file + ": " + names.size() + " names, expected " + CLASSES);
            }
            return names;
        } catch (IOException e) {
            throw new QuernException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
