package dev.quern.layers.text;

import dev.quern.layers.data.Feed;
import dev.quern.runtime.QuernException;
import dev.quern.runtime.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * How texts and what they are to be turned into become numbers. Of a source, 0 is padding and characters count from 1; of a target, 0 is where
 * it begins, 1 is its end, which also pads, and characters count from 2.
 *
 * @param source       characters of sources
 * @param target       characters of targets
 * @param sourceLength characters of the longest source
 * @param targetLength characters of the longest target
 */
public record PairFormat(Vocabulary source, Vocabulary target, int sourceLength, int targetLength) {
    /** The feed of sources, I32 [batch, sourceLength]. */
    public static final String SOURCE = "source";
    /** The feed of sources' lengths, I32 [batch]. */
    public static final String LENGTHS = "lengths";
    /** The feed of what a decoder reads in training, I32 [batch, steps]: targets one step late. */
    public static final String READ = "read";
    /** The feed of targets, I32 [batch, steps]. */
    public static final String TARGET = "target";

    static final int BEGIN = 0;
    static final int END = 1;
    private static final int FIRST_SOURCE = 1;
    private static final int FIRST_TARGET = 2;

    /** Different numbers in sources. */
    public int sourceTokens() {
        return source.size() + FIRST_SOURCE;
    }

    /** Different numbers in targets. */
    public int targetTokens() {
        return target.size() + FIRST_TARGET;
    }

    /** Steps of a decoder: the longest target and its end. */
    public int steps() {
        return targetLength + 1;
    }

    /** What a batch consists of. */
    public List<Feed> feeds() {
        return List.of(Feed.indices(SOURCE, sourceTokens(), Shape.of(sourceLength)), Feed.indices(LENGTHS, sourceLength + 1, Shape.scalar()),
                Feed.indices(READ, targetTokens(), Shape.of(steps())), Feed.indices(TARGET, targetTokens(), Shape.of(steps())));
    }

    /**
     * A source, padded to the longest.
     *
     * @throws QuernException if it is empty or too long, or has a character that is not known
     */
    public int[] encodeSource(String text) {
        requireLength(text, 1, sourceLength);
        return encode(source, text, FIRST_SOURCE, 0, sourceLength);
    }

    /** A target with its end, padded to the longest. */
    public int[] encodeTarget(String text) {
        requireLength(text, 0, targetLength);
        return encode(target, text, FIRST_TARGET, END, steps());
    }

    private static void requireLength(String text, int least, int most) {
        int length = text.codePointCount(0, text.length());
        if (length < least || length > most) {
            throw new QuernException("\"" + text + "\" has " + length + " characters, the model takes " + least + " to " + most);
        }
    }

    private static int[] encode(Vocabulary vocabulary, String text, int first, int padding, int length) {
        int[] numbers = vocabulary.encode("\"" + text + "\"", text);
        int[] padded = new int[length];
        Arrays.fill(padded, padding);
        for (int i = 0; i < numbers.length; i++) {
            padded[i] = numbers[i] + first;
        }
        return padded;
    }

    /** The text of a target's numbers up to its end; where it begins anew in between is shown as {@code ?}. */
    public String decodeTarget(List<Integer> numbers) {
        StringBuilder text = new StringBuilder();
        for (int number : numbers) {
            if (number == END) {
                break;
            }
            text.append(number == BEGIN ? "?" : target.decode(number - FIRST_TARGET));
        }
        return text.toString();
    }
}
