package dev.quern.kernels;

import dev.quern.runtime.DType;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the threads of a block share rows of a tensor in CUDA: the numbers that {@code cuda_rows.h} is compiled with.
 *
 * @param axis    elements of a row
 * @param threads threads of a row, a power of two up to 1024
 * @param lanes   elements that a thread moves with one instruction, a divisor of the row
 * @param kept    whether a thread keeps all its elements of a row in registers, so that the row is read once
 */
public record CudaRows(long axis, int threads, int lanes, boolean kept) {
    /** The tunable that sets the threads of a row. */
    public static final String THREADS = "THREADS";

    private static final int WARP = 32;
    private static final int MOST_THREADS = 1024;
    /** Threads of a block of which each has several rows' worth of registers. */
    private static final int LEAST_BLOCK = 128;
    /** Chunks that a thread should have on their way at once. */
    private static final int CHUNKS = 4;
    /** Floats of a thread that stay in registers beside what else it needs: a thread of a block of 1024 has 64 registers. */
    private static final int MOST_KEPT = 32;

    /**
     * Rows of a tensor.
     *
     * @param dtype   the storage type
     * @param axis    elements of a row
     * @param run     how many consecutive elements a chunk must not cross the end of; the row itself where nothing else matters
     * @param tensors of how many tensors a thread keeps its elements
     * @param threads threads of a row
     */
    public static CudaRows of(DType dtype, long axis, long run, int tensors, int threads) {
        int lanes = ChunkText.lanes(dtype, run);
        long kept = Math.ceilDiv(axis, (long) lanes * threads) * lanes * tensors;
        return new CudaRows(axis, threads, lanes, kept <= MOST_KEPT);
    }

    /** The tunable. */
    public static Tunable tunable() {
        return new Tunable(THREADS, List.of(128, 1, 2, 4, 8, 16, 32, 64, 256, 512, MOST_THREADS), "threads that share a row");
    }

    /** Threads of a row: a warp or less for short rows, else as many as have a few chunks each. */
    public static int threads(DType dtype, long axis, long run) {
        long chunks = Math.ceilDiv(axis, (long) ChunkText.lanes(dtype, run));
        int threads = 1;
        while (threads < WARP && threads < chunks) {
            threads *= 2;
        }
        while (threads < MOST_THREADS && (long) threads * CHUNKS < chunks) {
            threads *= 2;
        }
        return threads;
    }

    /** Threads of a block. */
    public int block() {
        return Math.max(LEAST_BLOCK, threads);
    }

    /** Blocks for so many rows. */
    public Grid grid(long rows) {
        return new Grid(Math.ceilDiv(rows, (long) block() / threads), 1, 1, block(), 1, 1);
    }

    /** The definitions. */
    public Map<String, Object> defines() {
        return new TreeMap<>(Map.of("AXIS", axis, THREADS, threads, "BLOCK", block(), "LANES", lanes, "KEPT", kept ? 1 : 0, "CHUNKS",
                Math.ceilDiv(axis, (long) lanes * threads)));
    }

    /** The functions, to put before a kernel's text: those of chunks and those of rows. */
    public static String functions() {
        return ChunkText.functions() + KernelResource.text(CudaRows.class, "cuda_rows.h");
    }

    /**
     * Storage of a tensor by a name: the scalar macros of {@link StorageText}, and {@code X_TAG} for chunks.
     *
     * @param name  what the macros begin with
     * @param dtype F32, F16 or BF16
     */
    public static String storage(String name, DType dtype) {
        return StorageText.define(name, dtype) + "#define " + name + "_TAG " + ChunkText.tag(dtype) + "()\n";
    }
}
