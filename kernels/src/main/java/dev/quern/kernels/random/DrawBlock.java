package dev.quern.kernels.random;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Computes runs of a {@link Draw}'s elements for kernels in Java. Not for use by two threads at a time. */
public final class DrawBlock {
    private final Draw draw;
    private final int[] words = new int[4];
    private final float[] four = new float[4];

    public DrawBlock(Draw draw) {
        this.draw = draw;
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
            if (index >>> 2 != known) {
                known = index >>> 2;
                Philox.block(known, stream, seed, words);
                convert();
            }
            values[i] = four[(int) index & 3];
        }
    }

    private static long word(MemorySegment key, int index) {
        return Integer.toUnsignedLong(key.getAtIndex(ValueLayout.JAVA_INT, index));
    }

    private void convert() {
        for (int i = 0; i < 4; i += draw.distribution() == Distribution.UNIFORM ? 1 : 2) {
            switch (draw.distribution()) {
                case UNIFORM -> four[i] = (words[i] >>> 8) * 0x1p-24f;
                case NORMAL -> {
                    double radius = Math.sqrt(-2 * Math.log((Integer.toUnsignedLong(words[i]) + 1) * 0x1p-32));
                    double angle = 2 * Math.PI * Integer.toUnsignedLong(words[i + 1]) * 0x1p-32;
                    four[i] = (float) (radius * Math.cos(angle));
                    four[i + 1] = (float) (radius * Math.sin(angle));
                }
            }
        }
    }
}
