package dev.quern.kernels.gemm;

import dev.quern.kernels.ChunkText;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the CUDA rungs have in front of their text: fours of neighbours, where the operands lie so that they are one access. */
final class CudaTiles {
    private CudaTiles() {
    }

    static KernelText text(String rung, GemmProblem problem, Prologues prologues, Epilogue epilogue, Map<String, ?> defines,
            List<String> files) {
        Map<String, Object> all = new TreeMap<>(defines);
        all.put("A_TAG", ChunkText.tag(problem.a().dtype()));
        all.put("B_TAG", ChunkText.tag(problem.b().dtype()));
        all.put("C_TAG", ChunkText.tag(problem.c().dtype()));
        all.put("A_FOURS", fours(problem.a()) ? 1 : 0);
        all.put("B_FOURS", fours(problem.b()) ? 1 : 0);
        boolean added = problem.beta() == 0
                || fours(problem.added()) && problem.added().dtype() == problem.c().dtype();
        all.put("C_FOURS", fours(problem.c()) && added ? 1 : 0);
        List<String> own = new ArrayList<>(List.of("gemm_cuda_tiles.h"));
        own.addAll(files);
        return ChunkText.before(GemmText.of(rung, Dialect.CUDA, problem, prologues, epilogue, all, own));
    }

    /** Whether every row begins at a multiple of four elements; buffers do. */
    private static boolean fours(GemmMatrix matrix) {
        return matrix.offset() % 4 == 0 && matrix.leading() % 4 == 0 && matrix.stride() % 4 == 0;
    }
}
