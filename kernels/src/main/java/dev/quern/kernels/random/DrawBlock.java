package dev.quern.kernels.random;

import dev.quern.kernels.random.Distribution.Bernoulli;
import dev.quern.kernels.random.Distribution.Normal;
import dev.quern.kernels.random.Distribution.Uniform;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Computes runs of a {@link Draw}'s elements for kernels in Java. Not for use by two threads at a time. */
public final class DrawBlock {
    private final Draw draw;
    private final int[] words = new int[4];
    private final int[] lower = new int[4];
    private final float[] elements;
    /** How many bits of an element's index say where in its block it is. */
    private final int bits;

    public DrawBlock(Draw draw) {
        this.draw = draw;
        this.elements = new float[draw.elementsOfABlock()];
        this.bits = Integer.numberOfTrailingZeros(elements.length);
    }

    /**
     * Elements {@code first}, {@code first + stride}, … as F32.
     *
     * @param key    the memory of the key
     * @param first  the first element
     * @param stride how many elements apart they are; may be 0 or negative
     * @param values receives them
     * @param count  how many
     */
    public void fill(MemorySegment key, long first, long stride, float[] values, int count) {
        long seed = word(key, 0) | word(key, 1) << 32;
        long stream = Philox.stream(draw.purpose(), word(key, 2) | word(key, 3) << 32);
        long known = -1;
        for (int i = 0; i < count; i++) {
            long index = first + i * stride;
            if (index >>> bits != known) {
                known = index >>> bits;
                Philox.block(known, stream, seed, words);
                convert(known, stream, seed);
            }
            values[i] = elements[(int) index & elements.length - 1];
        }
    }

    private static long word(MemorySegment key, int index) {
        return Integer.toUnsignedLong(key.getAtIndex(ValueLayout.JAVA_INT, index));
    }

    private void convert(long block, long stream, long seed) {
        switch (draw.distribution()) {
            case Uniform() -> {
                for (int i = 0; i < 4; i++) {
                    elements[i] = (words[i] >>> 8) * 0x1p-24f;
                }
            }
            case Normal() -> {
                for (int i = 0; i < 4; i += 2) {
                    double radius = Math.sqrt(-2 * Math.log((Integer.toUnsignedLong(words[i]) + 1) * 0x1p-32));
                    double angle = 2 * Math.PI * Integer.toUnsignedLong(words[i + 1]) * 0x1p-32;
                    elements[i] = (float) (radius * Math.cos(angle));
                    elements[i + 1] = (float) (radius * Math.sin(angle));
                }
            }
            case Bernoulli bernoulli -> decide(bernoulli.threshold(), block, stream, seed);
        }
    }

    private void decide(long threshold, long block, long stream, long seed) {
        int upper = (int) (threshold >>> 16);
        int rest = (int) threshold & 0xffff;
        boolean open = false;
        for (int i = 0; i < 8; i++) {
            int half = half(words, i);
            elements[i] = half < upper ? 1 : 0;
            open |= half == upper;
        }
        if (open && rest != 0) {
            Philox.block(block | Long.MIN_VALUE, stream, seed, lower);
            for (int i = 0; i < 8; i++) {
                if (half(words, i) == upper) {
                    elements[i] = half(lower, i) < rest ? 1 : 0;
                }
            }
        }
    }

    private static int half(int[] words, int place) {
        return words[place & 3] >>> (place & 4) * 4 & 0xffff;
    }
}
