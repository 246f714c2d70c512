package dev.quern.layers.text;

import dev.quern.layers.data.Feed;
import dev.quern.layers.data.Samples;
import dev.quern.layers.data.Split;
import dev.quern.runtime.QuernException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Short texts with what each is to be turned into. */
public final class TextPairs implements Samples {
    /** Of ten lines of a file, the last is for tests. */
    private static final int PARTS = 10;

    /**
     * A text and what it is to be turned into.
     *
     * @param source the text
     * @param target the other
     */
    public record Pair(String source, String target) {
    }

    private final String name;
    private final PairFormat format;
    private final List<Pair> pairs;
    private final int[][] sources;
    private final int[][] targets;

    /**
     * Pairs in a format.
     *
     * @param name  where they are from, for messages
     * @param pairs at least one
     * @throws QuernException if one does not fit the format
     */
    public TextPairs(String name, PairFormat format, List<Pair> pairs) {
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException(name + ": no pairs");
        }
        this.name = name;
        this.format = format;
        this.pairs = List.copyOf(pairs);
        this.sources = new int[pairs.size()][];
        this.targets = new int[pairs.size()][];
        for (int i = 0; i < sources.length; i++) {
            try {
                sources[i] = format.encodeSource(pairs.get(i).source());
                targets[i] = format.encodeTarget(pairs.get(i).target());
            } catch (QuernException e) {
                throw new QuernException(name + ", pair " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * A UTF-8 file, or a folder's {@code .txt} files, with a pair on each line, a tabulator between its two. Of ten lines each last one is for
     * tests.
     *
     * @throws QuernException if a line has no tabulator, or does not fit the format
     */
    public static Split<TextPairs> read(Path path, PairFormat format) {
        TextCorpus corpus = TextCorpus.read(path);
        List<Pair> train = new ArrayList<>();
        List<Pair> test = new ArrayList<>();
        List<String> lines = corpus.text().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            int tab = lines.get(i).indexOf('\t');
            if (tab < 0) {
                throw new QuernException(corpus.name() + ": line " + (i + 1) + " has no tabulator between a text and what it is to be turned into");
            }
            (i % PARTS == PARTS - 1 ? test : train).add(new Pair(lines.get(i).substring(0, tab), lines.get(i).substring(tab + 1)));
        }
        if (test.isEmpty()) {
            throw new QuernException(corpus.name() + ": " + lines.size() + " lines are too few; give at least " + PARTS);
        }
        return new Split<>(new TextPairs("nine of ten lines of " + corpus.name(), format, train),
                new TextPairs("every tenth line of " + corpus.name(), format, test));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return sources.length;
    }

    /** A pair. */
    public Pair pair(int sample) {
        return pairs.get(sample);
    }

    @Override
    public List<Feed> feeds() {
        return format.feeds();
    }

    @Override
    public void copy(int sample, int row, List<MemorySegment> batch) {
        int[] source = sources[sample];
        int[] target = targets[sample];
        int length = 0;
        while (length < source.length && source[length] != 0) {
            length++;
        }
        MemorySegment.copy(source, 0, batch.get(0), ValueLayout.JAVA_INT, 4L * row * source.length, source.length);
        batch.get(1).setAtIndex(ValueLayout.JAVA_INT, row, length);
        batch.get(2).setAtIndex(ValueLayout.JAVA_INT, (long) row * target.length, PairFormat.BEGIN);
        MemorySegment.copy(target, 0, batch.get(2), ValueLayout.JAVA_INT, 4L * (row * target.length + 1), target.length - 1);
        MemorySegment.copy(target, 0, batch.get(3), ValueLayout.JAVA_INT, 4L * row * target.length, target.length);
    }
}
