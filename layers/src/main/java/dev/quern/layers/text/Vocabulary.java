package dev.quern.layers.text;

import dev.quern.runtime.QuernException;
import java.util.Arrays;

/**
 * The characters that a model knows, each a number from 0 on. Characters are Unicode code points.
 *
 * @param characters each once, in the order of their numbers
 */
public record Vocabulary(String characters) {
    public Vocabulary {
        if (characters.isEmpty() || characters.codePoints().distinct().count() != characters.codePoints().count()) {
            throw new QuernException("a vocabulary needs at least one character, each once, not " + shown(characters));
        }
    }

    /** The characters of a text, in the order of their code points. */
    public static Vocabulary of(String text) {
        int[] points = text.codePoints().distinct().sorted().toArray();
        return new Vocabulary(new String(points, 0, points.length));
    }

    /** How many characters there are. */
    public int size() {
        return (int) characters.codePoints().count();
    }

    /**
     * The numbers of a text's characters.
     *
     * @param name what the text is, for the message
     * @throws QuernException if a character is not in the vocabulary
     */
    public int[] encode(String name, String text) {
        int[] points = characters.codePoints().toArray();
        int[] sorted = points.clone();
        Arrays.sort(sorted);
        int[] numbers = new int[sorted.length];
        for (int i = 0; i < points.length; i++) {
            numbers[Arrays.binarySearch(sorted, points[i])] = i;
        }
        int[] text32 = text.codePoints().toArray();
        for (int i = 0; i < text32.length; i++) {
            int found = Arrays.binarySearch(sorted, text32[i]);
            if (found < 0) {
                throw new QuernException(name + ": character " + shown(Character.toString(text32[i])) + " at place " + (i + 1)
                        + " is not among the " + points.length + " that the model knows: " + shown(characters));
            }
            text32[i] = numbers[found];
        }
        return text32;
    }

    /** The text of numbers. */
    public String decode(int... numbers) {
        int[] points = characters.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int number : numbers) {
            text.appendCodePoint(points[number]);
        }
        return text.toString();
    }

    /** In quotes, with control characters as escapes. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints().forEach(point -> {
            if (point == '\n') {
                shown.append("\\n");
            } else if (Character.isISOControl(point)) {
                shown.append(String.format("\\u%04x", point));
            } else {
                shown.appendCodePoint(point);
            }
        });
        return shown.append('"').toString();
    }
}
