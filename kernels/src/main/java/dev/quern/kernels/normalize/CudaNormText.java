package dev.quern.kernels.normalize;

import dev.quern.kernels.ChunkText;
import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** Puts storage, operands, rows and an epilogue in front of this folder's CUDA files, and cuts batches into slices. */
final class CudaNormText {
    /** Threads of the blocks that share a part of a channel. */
    static final int BLOCK = 256;
    /** Blocks that a multiprocessor holds at once. */
    private static final int BLOCKS_PER_UNIT = 8;
    /** Rows that a slice's threads walk along, at least. */
    private static final int LEAST_ROWS = 8;
    private static final int MOST_SLICES = 128;

    private CudaNormText() {
    }

    static KernelText of(NormProblem problem, String rung, CudaRows rows, Epilogue epilogue, Map<String, ?> defines,
            String... files) {
        return of(problem, rung, rows, Prologues.none(), epilogue, defines, files);
    }

    static KernelText of(NormProblem problem, String rung, CudaRows rows, Prologues prologues, Epilogue epilogue,
            Map<String, ?> defines, String... files) {
        StringBuilder text = new StringBuilder(CudaRows.storage("X", problem.dtype()));
        text.append(NormText.front(problem, EpilogueText.render(epilogue, problem.elements(), 1)))
                .append(NormText.prologue(problem, prologues, 1)).append(CudaRows.functions());
        text.append(KernelResource.text(CudaNormText.class, "norm_cuda.h"));
        for (String file : files) {
            text.append(KernelResource.text(CudaNormText.class, file));
        }
        return KernelText.of(problem.family() + "/" + rung, Dialect.CUDA, text.toString()).with(rows.defines())
                .with(Map.of("INNER", problem.inner())).with(defines);
    }

    /** How a channel's parts are shared: chunks within a channel, or of neighbouring channels. */
    static CudaRows channels(NormProblem problem) {
        int run = problem.inner() == 1 ? problem.channels() : problem.inner();
        return new CudaRows(run, BLOCK, ChunkText.lanes(problem.dtype(), run), false);
    }

    /** Blocks along the channels. */
    static int tiles(NormProblem problem, CudaRows rows) {
        return problem.inner() == 1 ? Math.ceilDiv(problem.channels(), 32 * rows.lanes()) : problem.channels();
    }

    /** Samples of a slice, so that there are blocks for the whole device. */
    static int ofSlice(NormProblem problem, CudaRows rows, int multiprocessors) {
        long wanted = Math.ceilDiv((long) BLOCKS_PER_UNIT * multiprocessors, (long) tiles(problem, rows));
        int most = problem.inner() == 1 ? Math.ceilDiv(problem.batch(), 8 * LEAST_ROWS)
                : (int) Math.clamp(problem.batch() * (long) problem.inner() / (4L * BLOCK * rows.lanes()), 1, problem.batch());
        return Math.ceilDiv(problem.batch(), (int) Math.clamp(wanted, 1, Math.min(MOST_SLICES, most)));
    }
}
