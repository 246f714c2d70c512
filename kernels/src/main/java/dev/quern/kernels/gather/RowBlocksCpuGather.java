package dev.quern.kernels.gather;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.copy.CopyText;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rung for OpenCL on CPUs that moves eight rows side by side. */
final class RowBlocksCpuGather implements Variant<GatherProblem> {
    private static final long LEAST_BYTES = 16 * 1024;
    private static final int ITEMS_PER_CORE = 8;
    private static final int BLOCK_ROWS = 8;
    private static final int LANES = 16;

    @Override
    public String name() {
        return "row_blocks_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "A work-item copies eight rows side by side, two vectors of each in turn, and asks for the lines of the next eight "
                + "meanwhile: more lines are under way than those of one row after the other.";
    }

    @Override
    public Support supports(GatherProblem problem, DeviceInfo device) {
        return Support.when(!problem.perElement(), "is for an index a row").and(Support.when(problem.dtype().bytes() == 4
                && problem.inner() % LANES == 0, "is for rows of whole vectors of words of 4 bytes"));
    }

    @Override
    public double preference(GatherProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public KernelPlan plan(GatherProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long rows = (long) problem.outer() * problem.count();
        long rowBytes = (long) problem.inner() * problem.dtype().bytes();
        long perItem = Math.max(Math.ceilDiv(rows, (long) device.computeUnits() * ITEMS_PER_CORE),
                Math.ceilDiv(LEAST_BYTES, rowBytes));
        perItem = Math.min(perItem, Math.max(1, CopyText.TILE_BYTES / rowBytes));
        perItem = Math.ceilDiv(perItem, BLOCK_ROWS) * BLOCK_ROWS;
        Map<String, Object> defines = new HashMap<>(CopyText.rowDefines(problem.dtype(), problem.cost().bytes()));
        defines.putAll(Map.of("ROWS", rows, "PER_ITEM", perItem, "LENGTH", problem.length(), "COUNT", problem.count(), "INNER",
                problem.inner(), "POISON", ElementGather.poison(problem.dtype())));
        String text = rowBlocks() + KernelResource.text(RowBlocksCpuGather.class, "gather_row_blocks_cpu.cl");
        return KernelPlan.of(new PlannedLaunch("gather", KernelText.of("gather/row_blocks_cpu", Dialect.OPENCL, text).with(defines),
                "gather", Grid.ofTiles(Math.ceilDiv(rows, perItem)), List.of(Reference.operand(GatherProblem.X),
                        Reference.operand(GatherProblem.INDEX), Reference.operand(GatherProblem.Y))));
    }

    /** The text of what copies rows eight at a time; needs {@link CopyText#rowDefines} for words of 4 bytes. */
    static String rowBlocks() {
        return CopyText.rows() + KernelResource.text(RowBlocksCpuGather.class, "row_blocks.cl");
    }
}
