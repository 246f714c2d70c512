package dev.quern.kernels.testing;

import dev.quern.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a problem is drawn from. Every choice is a number from 0 on, recorded in order, so that a problem can be made again from
 * its choices, and a simpler one from smaller choices: let the least of each range be the simplest.
 */
public final class Choices {
    private static final int LANES = 16;

    private final SplittableRandom random;
    private final List<Integer> given;
    private final List<Integer> made = new ArrayList<>();
    private final Choices form;

    private Choices(SplittableRandom random, List<Integer> given, Choices form) {
        this.random = random;
        this.given = given;
        this.form = form;
    }

    /** Choices at random, those of the form from a seed that several cases may share. */
    public static Choices random(long formSeed, long seed) {
        return new Choices(new SplittableRandom(seed), List.of(), new Choices(new SplittableRandom(formSeed), List.of(), null));
    }

    /** Choices as they were recorded; what goes past the record, or past its range, is the least or the most. */
    public static Choices replay(List<Integer> form, List<Integer> own) {
        return new Choices(null, own, new Choices(null, form, null));
    }

    /** What was chosen so far. */
    public List<Integer> made() {
        return List.copyOf(made);
    }

    /** How many choices were made so far. */
    public int count() {
        return made.size();
    }

    /**
     * Choices that neighbouring cases have in common. Draw from these what a kernel's programs are compiled for, and the rest
     * from the case's own: then these cases share programs, of which PoCL makes some five a second.
     */
    public Choices form() {
        return form == null ? this : form;
    }

    /** A number in a range, both ends included. */
    public int between(int least, int most) {
        int range = most - least + 1;
        int choice = random != null ? random.nextInt(range) : made.size() < given.size() ? Math.min(given.get(made.size()), range - 1) : 0;
        made.add(choice);
        return least + choice;
    }

    /** The extent of an axis, from 1 to {@code most}: small ones and those next to whole vectors more often than others. */
    public int extent(int most) {
        return switch (between(0, 3)) {
            case 0 -> between(1, Math.min(4, most));
            case 1 -> Math.min(most, Math.max(1, LANES * between(1, Math.ceilDiv(most, LANES)) + between(-1, 1)));
            default -> between(1, most);
        };
    }

    /** Yes once in {@code times}. */
    public boolean oneIn(int times) {
        return between(0, times - 1) == times - 1;
    }

    /** Yes or no; no is the simpler. */
    public boolean yes() {
        return oneIn(2);
    }

    /** One of these; the first is the simplest. */
    @SafeVarargs
    public final <T> T oneOf(T... values) {
        return values[between(0, values.length - 1)];
    }

    /** One of these; the first is the simplest. */
    public <T> T oneOf(List<T> values) {
        return values.get(between(0, values.size() - 1));
    }

    /** How floating-point values are stored: mostly as F32. */
    public DType storage() {
        return oneOf(DType.F32, DType.F32, DType.F16, DType.BF16);
    }
}
