package dev.quern.layers.text;

import dev.quern.layers.data.Feed;
import dev.quern.layers.data.Samples;
import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Windows of a text, one behind the other, each with the characters that follow: {@link #TOKENS} I32 [length] and
 * {@link #TARGETS} I32 [length], the same one character later. In training a window begins at a random place among its own
 * characters, so that every epoch cuts the text elsewhere. What is left behind the last whole window is not used.
 */
public final class TextWindows implements Samples {
    /** The feed of characters that are read. */
    public static final String TOKENS = "tokens";
    /** The feed of characters that are to be predicted. */
    public static final String TARGETS = "targets";

    private final String name;
    private final int[] codes;
    private final int from;
    private final int to;
    private final TextCorpus corpus;
    private final Vocabulary vocabulary;
    private final int length;

    TextWindows(String name, int[] codes, int from, int to, TextCorpus corpus, Vocabulary vocabulary, int length) {
        this.name = name;
        this.codes = codes;
        this.from = from;
        this.to = to;
        this.corpus = corpus;
        this.vocabulary = vocabulary;
        this.length = length;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return (to - from - 1) / length;
    }

    /** What the numbers mean. */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** The text that this is a part of. */
    public TextCorpus corpus() {
        return corpus;
    }

    @Override
    public List<Feed> feeds() {
        return feeds(vocabulary, length);
    }

    /** The feeds of windows. */
    static List<Feed> feeds(Vocabulary vocabulary, int length) {
        return List.of(Feed.indices(TOKENS, vocabulary.size(), Shape.of(length)),
                Feed.indices(TARGETS, vocabulary.size(), Shape.of(length)));
    }

    @Override
    public void copy(int sample, int row, List<MemorySegment> batch) {
        copyFrom(from + sample * length, row, batch);
    }

    @Override
    public void copyAugmented(int sample, long bits, int row, List<MemorySegment> batch) {
        int begin = from + sample * length + (int) Long.remainderUnsigned(bits, length);
        copyFrom(Math.min(begin, to - 1 - length), row, batch);
    }

    private void copyFrom(int begin, int row, List<MemorySegment> batch) {
        MemorySegment.copy(codes, begin, batch.get(0), ValueLayout.JAVA_INT, (long) row * length * Integer.BYTES, length);
        MemorySegment.copy(codes, begin + 1, batch.get(1), ValueLayout.JAVA_INT, (long) row * length * Integer.BYTES, length);
    }
}
