package dev.quern.layers.data;

import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reads pictures that lie in a folder a class, named as the class is: {@code DIR/cat/*.png}, {@code DIR/dog/*.png}; of each class every fifth
 * picture, by name, is one to test on. Where {@code DIR} has folders {@code train} and {@code test} (or {@code val}), the folders of classes
 * lie in these. A file that is no picture or is broken is skipped; its name and why are told, and the data set's name says how many.
 */
public final class ImageFolder {
    private static final int MOST_CLASSES = 256;
    private static final int TEST_EVERY = 5;

    private final Shape shape;
    private final Normalisation normalisation;
    private final Consumer<String> skipped;

    private ImageFolder(Shape shape, Normalisation normalisation, Consumer<String> skipped) {
        this.shape = shape;
        this.normalisation = normalisation;
        this.skipped = skipped;
    }

    /** Whether a folder holds folders. */
    public static boolean isOne(Path folder) {
        return Files.isDirectory(folder) && !inside(folder, true).isEmpty();
    }

    /**
     * Reads training and test pictures.
     *
     * @param folder        the folder of the classes' folders
     * @param shape         channels (1 or 3), rows and columns to bring pictures to; see {@link ImageFile}
     * @param normalisation how pixels become numbers
     * @param skipped       is told of each file that is skipped, in one line
     * @throws QuernException if there are no classes or more than 256, or a class has no pictures to train or to test on
     */
    public static Split<ImageDataset> read(Path folder, Shape shape, Normalisation normalisation, Consumer<String> skipped) {
        ImageFolder reader = new ImageFolder(shape, normalisation, skipped);
        Path train = folder.resolve("train");
        Path test = Files.isDirectory(folder.resolve("test")) ? folder.resolve("test") : folder.resolve("val");
        if (Files.isDirectory(train) && Files.isDirectory(test)) {
            List<String> classes = classes(train);
            if (!classes(test).equals(classes)) {
                throw new QuernException(test + ": has classes " + classes(test) + ", but " + train + " has " + classes);
            }
            return new Split<>(reader.part(train, "training", classes, 0), reader.part(test, "test", classes, 0));
        }
        List<String> classes = classes(folder);
        return new Split<>(reader.part(folder, "training", classes, 1), reader.part(folder, "test", classes, -1));
    }

    private static List<String> classes(Path folder) {
        List<String> names = inside(folder, true).stream().map(path -> path.getFileName().toString()).toList();
        if (names.isEmpty() || names.size() > MOST_CLASSES) {
            throw new QuernException("data folder " + folder + ": has " + names.size() + " folders, expected one a class, 1 to " + MOST_CLASSES);
        }
        return names;
    }

    /**
     * The pictures of one part.
     *
     * @param which 0 for all, 1 for four of five, -1 for the fifth
     */
    private ImageDataset part(Path folder, String what, List<String> classes, int which) {
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        ByteArrayOutputStream labels = new ByteArrayOutputStream();
        int broken = 0;
        for (int label = 0; label < classes.size(); label++) {
            int before = labels.size();
            List<Path> files = inside(folder.resolve(classes.get(label)), false);
            for (int i = 0; i < files.size(); i++) {
                boolean tests = i % TEST_EVERY == TEST_EVERY - 1;
                if (which != 0 && tests != which < 0) {
                    continue;
                }
                try {
                    pixels.writeBytes(ImageFile.read(files.get(i), shape));
                    labels.write(label);
                } catch (QuernException e) {
                    broken++;
                    skipped.accept("skipped " + e.getMessage());
                }
            }
            if (labels.size() == before) {
                throw new QuernException(folder.resolve(classes.get(label)) + ": has no " + what + " picture that can be read, of " + files.size()
                        + (files.size() == 1 ? " file" : " files") + (which < 0 ? "; every fifth is one to test on" : ""));
            }
        }
        String name = what + " pictures of " + folder + (broken == 0 ? "" : " (" + broken + (broken == 1 ? " file" : " files") + " skipped)");
        return new ImageDataset(name, shape, classes, pixels.toByteArray(), labels.toByteArray(), normalisation);
    }

    /** What lies in a folder and is not hidden, by name. */
    private static List<Path> inside(Path folder, boolean folders) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(path -> !path.getFileName().toString().startsWith("."))
                    .filter(path -> folders ? Files.isDirectory(path) : Files.isRegularFile(path)).sorted().toList();
        } catch (IOException e) {
            throw new QuernException("data folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }
}
