package dev.quern.layers.text;

import dev.quern.layers.data.Split;
import dev.quern.runtime.QuernException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A text to learn from.
 *
 * @param name where it is from, for messages
 * @param text all of it
 */
public record TextCorpus(String name, String text) {
    private static final String SUFFIX = ".txt";
    /** Of ten parts, the last is for tests. */
    private static final int PARTS = 10;
    private static final int BUILT_IN_CHARACTERS = 200_000;

    /** A text of about 200,000 characters that needs no files. */
    public static TextCorpus builtIn() {
        return new TextCorpus("the built-in text", BuiltInText.of(BUILT_IN_CHARACTERS));
    }

    /**
     * A file, or the files of a folder that end in {@code .txt}, in the order of their names, one behind the other. UTF-8.
     *
     * @throws QuernException if there is none, or one cannot be read, is empty or is not UTF-8
     */
    public static TextCorpus read(Path path) {
        if (!Files.exists(path)) {
            throw new QuernException(path + " does not exist; give a text file, or a folder with files that end in " + SUFFIX);
        }
        if (!Files.isDirectory(path)) {
            return new TextCorpus(path.toString(), content(path));
        }
        try (Stream<Path> files = Files.list(path)) {
            List<Path> texts = files.filter(file -> file.toString().endsWith(SUFFIX) && !Files.isDirectory(file)).sorted().toList();
            if (texts.isEmpty()) {
                throw new QuernException(path + ": has no file that ends in " + SUFFIX);
            }
            StringBuilder all = new StringBuilder();
            texts.forEach(file -> all.append(content(file)));
            return new TextCorpus(path.toString(), all.toString());
        } catch (IOException e) {
            throw new QuernException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String content(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new QuernException(file + ": cannot be read: " + e.getMessage(), e);
        }
        if (bytes.length == 0) {
            throw new QuernException(file + ": is empty; there is nothing to learn from");
        }
        ByteBuffer left = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(left).toString();
        } catch (CharacterCodingException e) {
            throw new QuernException(file + ": is not UTF-8 (byte " + left.position() + " begins no character); convert it first", e);
        }
    }

    /**
     * Windows over the first nine tenths to train on, and over the last tenth to test on.
     *
     * @param vocabulary what the characters' numbers are
     * @param length     characters that a window predicts
     * @throws QuernException if a part is shorter than a window, or a character is not in the vocabulary
     */
    public Split<TextWindows> windows(Vocabulary vocabulary, int length) {
        int[] codes = vocabulary.encode(name, text);
        int cut = (int) ((long) codes.length * (PARTS - 1) / PARTS);
        if (codes.length - cut <= length) {
            throw new QuernException(name + ": " + codes.length + " characters are too few: the last tenth, held out for tests, has "
                    + (codes.length - cut) + " and a window needs " + (length + 1) + "; give at least "
                    + PARTS * (length + 1) + " characters");
        }
        return new Split<>(new TextWindows("the first nine tenths of " + name, codes, 0, cut, this, vocabulary, length),
                new TextWindows("the last tenth of " + name, codes, cut, codes.length, this, vocabulary, length));
    }
}
