package dev.quern.kernels.softmax;

import dev.quern.kernels.Support;
import dev.quern.kernels.VectorWidth;
import dev.quern.runtime.DeviceInfo;
import java.util.Map;

/** What the rungs that take a row in four strands have in common: {@code row_strands.cl}. */
final class RowStrandsText {
    /** Strands of a row, whose exponentials are taken side by side; the kernels' text says the same. */
    private static final int CHAINS = 4;
    /** Elements of a page, by whose places a processor compares addresses. */
    private static final int PAGE = 1024;
    /** The fewest vectors of a segment. */
    private static final int LEAST_SEGMENT = 4;
    /** What a second-level cache holds beside what streams through it. */
    private static final long KEPT_BYTES = 512 * 1024;

    private RowStrandsText() {
    }

    /**
     * The strands' text.
     *
     * @param keep     whether exponentials are kept in local memory
     * @param total    whether distances from the maximum are added up
     * @param finished what is written for {@code v}, an exponential, or an element if none are kept, of a {@code row} that came to that
     *                 and whose segment has this {@code factor}
     */
    static String define(boolean keep, boolean total, String finished) {
        return "#define KEEP " + (keep ? 1 : 0) + "\n#define TOTAL " + (total ? 1 : 0) + "\n#define FINISHED(v, row, factor) ("
                + finished + ")\n" + RowText.shared("row_strands.cl");
    }

    /** Whether rows so long can be taken. */
    static Support supports(int axis, DeviceInfo device) {
        int width = VectorWidth.of(device);
        long kept = Float.BYTES * (axis + 5L * width);
        return accepts(axis, width)
                .and(Support.when(kept <= Math.min(device.localMemory(), KEPT_BYTES), "a row does not fit in the cache"));
    }

    /** Whether vectors can be so wide. */
    static Support accepts(int axis, int width) {
        return Support.when(whole(axis, width) >= CHAINS * LEAST_SEGMENT, "rows are shorter than four strands");
    }

    /** A share of the roofline: rows of whole pages a strand gain, and in short ones beginnings and ends weigh. */
    static double preference(int axis, DeviceInfo device) {
        return !device.isCpu() ? 0.01 : axis >= CHAINS * PAGE ? 0.85 : 0.6;
    }

    /** The strands' definitions: AXIS, W and SEGMENT, a page at most, and few enough for what is left to be little. */
    static Map<String, Integer> defines(int axis, int width) {
        int most = Integer.highestOneBit(whole(axis, width) / (CHAINS * CHAINS));
        return Map.of("AXIS", axis, "W", width, "SEGMENT", Math.clamp(most, LEAST_SEGMENT, PAGE / width));
    }

    /** Whole vectors that every row has, wherever it begins. */
    private static int whole(int axis, int width) {
        return axis % width == 0 ? axis / width : (axis - width + 1) / width;
    }
}
