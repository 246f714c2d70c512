package dev.quern.kernels.softmax;

import dev.quern.kernels.Support;
import dev.quern.kernels.VectorWidth;
import dev.quern.runtime.DeviceInfo;
import java.util.Map;

/** What the rungs that read some rows while they compute and write others have in common: {@code row_pipeline.cl}. */
final class RowPipelineText {
    /** Vectors whose exponentials are taken side by side; the kernel's text says the same. */
    private static final int CHAINS = 4;
    /** Elements of a page, by whose places a processor compares addresses. */
    private static final int PAGE = 1024;
    /** Elements of a chunk, about: what is read and kept of a few of them stays in the first-level cache. */
    private static final int CHUNK = 1024;
    /** What a second-level cache holds beside what streams through it. */
    private static final long KEPT_BYTES = 512 * 1024;

    private RowPipelineText() {
    }

    /**
     * The pipeline's text.
     *
     * @param keep     whether exponentials are kept in local memory
     * @param total    whether distances from the maximum are added up
     * @param finished the vector that is written at element i of a row x, whose exponentials are {@code kept}, from what is
     *                 {@code known} of it
     */
    static String define(boolean keep, boolean total, String finished) {
        return "#define KEEP " + (keep ? 1 : 0) + "\n#define TOTAL " + (total ? 1 : 0) + "\n#define FINISHED(x, kept, i, known) ("
                + finished + ")\n" + RowText.shared("row_pipeline.cl");
    }

    /** Whether rows so long can be taken. */
    static Support supports(int axis, DeviceInfo device) {
        int width = VectorWidth.of(device);
        long kept = Float.BYTES * 2L * (axis + PAGE + 3 * width);
        return Support.when(axis >= width, "rows are shorter than a vector")
                .and(Support.when(kept <= Math.min(device.localMemory(), KEPT_BYTES), "two rows do not fit in the cache"));
    }

    /** A pipeline's definitions: AXIS, W, CHUNKS, CHUNK and TURN, with long rows in chunks or whole. */
    static Map<String, Integer> defines(int axis, int width, boolean inChunks) {
        int run = CHAINS * width;
        int chunks = inChunks ? Math.max(1, Math.round((float) axis / CHUNK)) : 1;
        int chunk = chunks == 1 ? axis : axis / chunks / run * run;
        return Map.of("AXIS", axis, "W", width, "CHUNKS", chunks, "CHUNK", chunk, "TURN", turn(axis, chunk, run));
    }

    /**
     * Runs of vectors by which writing is ahead, so that the row that is read, which lies behind the row that is written, is half a
     * page away from it.
     */
    private static int turn(int axis, int chunk, int run) {
        return Math.floorMod(axis - PAGE / 2, PAGE) / run % Math.max(1, chunk / run - 1);
    }
}
