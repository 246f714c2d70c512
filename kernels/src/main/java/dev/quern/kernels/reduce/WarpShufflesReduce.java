package dev.quern.kernels.reduce;

import dev.quern.kernels.ChunkText;
import dev.quern.kernels.CudaRows;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The CUDA rung: 16 bytes an access, threads that meet through warp shuffles. */
final class WarpShufflesReduce implements Variant<ReduceProblem> {
    private static final int BLOCK = 256;
    private static final int WARP = 32;
    /** Blocks that keep a multiprocessor busy. */
    private static final int BLOCKS_PER_UNIT = 8;
    /** Accesses of a thread below which a part costs more than it gives. */
    private static final int LEAST_CHUNKS = 8;

    @Override
    public String name() {
        return "warp_shuffles";
    }

    @Override
    public Dialect dialect() {
        return Dialect.CUDA;
    }

    @Override
    public String summary() {
        return "Threads read 16 bytes at a time, along the terms or, where the innermost axis is kept, for neighbouring outputs, and join "
                + "their results through warp shuffles; where outputs are few, their terms are cut into parts that a second launch joins.";
    }

    @Override
    public Support supports(ReduceProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= 1024, "needs groups of up to 1024");
    }

    @Override
    public Support takes(Epilogue epilogue, ReduceProblem problem) {
        return ReduceText.takes(epilogue, problem);
    }

    @Override
    public Support takes(Prologue prologue, int operand, ReduceProblem problem) {
        return ReduceText.takes(prologue, operand, problem);
    }

    @Override
    public double preference(ReduceProblem problem, DeviceInfo device) {
        return 0.9;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        ReduceLayout layout = ReduceLayout.of(problem);
        int lanes = ChunkText.lanes(problem.dtype(), layout.inner());
        int columns = Math.min(WARP, Integer.highestOneBit(2 * Math.ceilDiv(layout.inner(), lanes) - 1));
        CudaRows rows = layout.innerReduced()
                ? CudaRows.of(problem.dtype(), problem.terms(), layout.inner(), 1,
                        CudaRows.threads(problem.dtype(), problem.terms(), layout.inner()))
                : new CudaRows(layout.inner(), BLOCK, lanes, false);
        long groups = layout.innerReduced() ? rows.grid(problem.outputs()).groupsX()
                : (long) layout.keptCount() * Math.ceilDiv(layout.inner() / lanes, columns);
        // Terms that the threads of an output take in one step, and steps of a part.
        int step = layout.innerReduced() ? rows.threads() * lanes : BLOCK / columns;
        long wanted = (long) BLOCKS_PER_UNIT * device.computeUnits() / groups;
        int most = (int) Math.clamp(wanted, 1, Math.max(1, problem.terms() / ((long) step * LEAST_CHUNKS)));
        int perPart = Math.ceilDiv(Math.ceilDiv(problem.terms(), most), lanes) * lanes;
        int parts = Math.ceilDiv(problem.terms(), perPart);

        Map<String, Object> defines = new TreeMap<>(rows.defines());
        defines.putAll(Map.of("INNER_REDUCED", layout.innerReduced() ? 1 : 0, "INNER", layout.inner(), "TERMS", problem.terms(), "PARTS",
                parts, "COLUMNS", columns));
        KernelText text = ReduceText.of(name(), dialect(), problem, prologues, epilogue, defines);
        Grid grid = new Grid(groups, parts, problem.members(), rows.block(), 1, 1);
        List<Reference> to = parts == 1 ? ReduceText.outputs(problem) : List.of(Reference.workspace(0));
        PlannedLaunch launch = new PlannedLaunch("parts", text, "reduce", grid,
                ReduceText.arguments(problem, to, prologues, epilogue, problem.outputs(), perPart));
        return parts == 1 ? KernelPlan.of(launch) : new KernelPlan(
                List.of(launch, ReduceText.combine(text, problem, epilogue, Reference.workspace(0), parts)),
                ReduceText.partial(problem, parts));
    }
}
