package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** Operands through shared memory in CUDA, four columns a thread. */
final class TiledCudaGemm implements Variant<GemmProblem> {
    private static final int THREADS = 256;
    private static final int ROWS = 16;
    private static final int COLUMNS = 64;
    /** Elements of c that one or two blocks with square tiles would compute. */
    private static final int SMALL = 2 * 64 * 64;
    /** Steps of k from which on slices pay. */
    private static final int LEAST_CUT = 512;
    private static final int SHARED_BYTES = 2 * 16 * (ROWS + 1 + COLUMNS + 4) * Float.BYTES;

    @Override
    public String name() {
        return "tiled_cuda";
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "A block shares tiles of a and b through two pairs of buffers in shared memory, of which one is filled while the other is "
                + "multiplied; b and c move in fours of neighbours.";
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= THREADS, "needs groups of 256 work-items")
                .and(Support.when(device.localMemory() >= SHARED_BYTES, "needs " + SHARED_BYTES + " bytes of local memory"));
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesScalar(epilogue);
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return GemmText.takesScalar(prologue, operand);
    }

    /** Small products fill more multiprocessors with tiles of 16 rows than with larger ones, unless there is much to cut along k. */
    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        boolean small = problem.m() <= ROWS || (double) problem.batch() * problem.m() * problem.n() <= SMALL;
        return small && problem.k() <= LEAST_CUT ? 0.95 : 0.52;
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        Grid grid = new Grid(Math.ceilDiv(problem.n(), COLUMNS), Math.ceilDiv(problem.m(), ROWS), problem.batch(), THREADS, 1, 1);
        return KernelPlan.of(new PlannedLaunch("multiply", CudaTiles.text("tiled_cuda", problem, prologues, epilogue, Map.of(),
                List.of("gemm_tiled_cuda.cu")), "gemm_tiled_cuda", grid, GemmText.arguments(problem, prologues, epilogue)));
    }
}
