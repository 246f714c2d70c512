package dev.quern.layers.data;

import dev.quern.runtime.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of numbers, the last of which is to be foretold from the others: a batch has {@code x} F32 [batch, features] and {@code y} F32
 * [batch, 1].
 */
public final class NumberTable implements Samples {
    /** The feed of features, F32 [batch, features]. */
    public static final String FEATURES = "x";
    /** The feed of targets, F32 [batch, 1]. */
    public static final String TARGET = "y";

    private final String name;
    private final int features;
    private final double[][] rows;

    /**
     * A table.
     *
     * @param name for messages
     * @param rows at least one, all of one length of at least 2, the target last
     */
    public NumberTable(String name, double[][] rows) {
        if (rows.length < 1 || rows[0].length < 2 || Arrays.stream(rows).anyMatch(row -> row.length != rows[0].length)) {
            throw new IllegalArgumentException(name + ": a table needs rows of one length, at least one feature and the target");
        }
        this.name = name;
        this.features = rows[0].length - 1;
        this.rows = rows;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return rows.length;
    }

    /** The number of features. */
    public int features() {
        return features;
    }

    @Override
    public List<Feed> feeds() {
        return feeds(features);
    }

    /** The feeds of a table with so many features. */
    public static List<Feed> feeds(int features) {
        return List.of(Feed.numbers(FEATURES, Shape.of(features)), Feed.numbers(TARGET, Shape.of(1)));
    }

    @Override
    public void copy(int sample, int row, List<MemorySegment> batch) {
        for (int i = 0; i < features; i++) {
            batch.get(0).setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * features + i, (float) rows[sample][i]);
        }
        batch.get(1).setAtIndex(ValueLayout.JAVA_FLOAT, row, (float) rows[sample][features]);
    }
}
