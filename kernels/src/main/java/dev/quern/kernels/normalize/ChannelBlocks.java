package dev.quern.kernels.normalize;

import dev.quern.kernels.Support;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The blocks of neighbouring channels of batch norm of which CPU rungs read one while they write another.
 *
 * @param problem  what is normalised, or whose gradients are computed
 * @param width    lanes of a vector
 * @param together channels of a block, whose pixels make whole vectors of a sample's, and long enough runs
 */
record ChannelBlocks(NormProblem problem, int width, int together) {
    /** Bytes up to which two of what a work-item keeps stay in a second-level cache. */
    static final long NEAR_BYTES = 512 << 10;
    /** Elements of a sample's run of channels below which the prefetcher has hardly begun when the run ends. */
    private static final int LEAST_RUN = 512;
    /** Vectors of such a run of several channels, for each of which sums are kept in the near caches. */
    private static final int MOST_VECTORS = 256;
    private static final int WIDEST = 16;

    /** The blocks of a problem. */
    static ChannelBlocks of(NormProblem problem, int width) {
        int together = width / Math.min(width, Integer.lowestOneBit(problem.inner()));
        while (together * problem.inner() < LEAST_RUN && problem.channels() % (2 * together) == 0
                && 2L * together * problem.inner() * problem.batch() * Float.BYTES <= NEAR_BYTES) {
            together *= 2;
        }
        return new ChannelBlocks(problem, width, together);
    }

    /** Whether there are such blocks. */
    Support exist() {
        return Support.when(problem.channels() % together == 0, "pixels of all channels are no whole vectors")
                .and(Support.when(together == 1 || together * (long) problem.inner() <= (long) MOST_VECTORS * width,
                        "channels that make whole vectors have more than " + MOST_VECTORS + " of them"))
                .and(Support.when(problem.inner() >= width, "a vector has pixels of more than two channels"));
    }

    /** How many there are. */
    int count() {
        return problem.channels() / together;
    }

    /** Bytes of all inputs' elements of a block. */
    long bytes() {
        return (training() ? 1L : 2L) * problem.batch() * together * problem.inner() * problem.dtype().bytes();
    }

    /** Within how many elements each vector of the output lies: vectors of several channels share the tensor alone. */
    static long run(NormProblem problem) {
        return problem.inner() % WIDEST == 0 ? problem.inner() : problem.elements();
    }

    /** A program of a file {@code batch_norm_RUNG.cl}, which is for both directions, where so many work-items share a block. */
    KernelText text(String rung, int parts, int stream, Epilogue epilogue, Map<String, ?> more) {
        Map<String, Object> defines = new HashMap<>(Map.of("BATCH", problem.batch(), "CHANNELS", problem.channels(), "INNER",
                problem.inner(), "TOGETHER", together, "PARTS", parts, "REVERSED", bytes() / parts > NEAR_BYTES ? 1 : 0,
                "ENTRY", NormText.entry(problem), NormText.STREAM, stream));
        defines.putAll(more);
        List<String> files = new ArrayList<>(List.of("batch_norm_pipeline.cl"));
        if (problem instanceof BatchNormProblem training) {
            defines.putAll(Map.of("EPSILON", NormText.literal(training.epsilon()), "MOMENTUM",
                    NormText.literal(training.momentum()), "RUNNING", training.running() ? 1 : 0));
            files.add("batch_norm_settle.cl");
        }
        files.add(training() ? "batch_norm_runs.cl" : "batch_norm_backward_runs.cl");
        files.add("batch_norm_samples.cl");
        files.add("batch_norm_" + rung + ".cl");
        return NormText.vectors(problem, rung, files, epilogue, width, Math.toIntExact(run(problem)), defines);
    }

    private boolean training() {
        return problem instanceof BatchNormProblem;
    }
}
