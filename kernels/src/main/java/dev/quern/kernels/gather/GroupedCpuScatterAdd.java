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
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The rung for OpenCL on CPUs that sorts first: terms are grouped by row, and each row is summed in registers. */
final class GroupedCpuScatterAdd implements Variant<ScatterAddProblem> {
    /** Columns of a slice: four cache lines, so that neighbours do not write each other's. */
    private static final int LEAST_SLICE = 64;
    private static final int ITEMS_PER_CORE = 4;
    /** Where terms are many: each work-item looks at all indices, which takes longer than what cores are unevenly held up by. */
    private static final int ITEMS_PER_CORE_OF_MANY = 2;
    /** Terms a row from which on rows may be so unevenly hit that columns share the work instead. */
    private static final int MANY_TERMS = 4;
    /** Terms that eight rows may have to be added side by side; a term a row makes eight, more than 24 once in 100,000. */
    private static final int FEW = 24;
    /** Vectors of a row that are added at a time. */
    private static final int STEP = 2;
    private static final int LANES = 16;

    @Override
    public String name() {
        return "grouped_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item owns a range of rows, or of columns where rows are few and terms many; it sorts the terms that go there by row, "
                + "then sums each row in registers and writes it once, while the lines of the next term are on their way.";
    }

    @Override
    public Support supports(ScatterAddProblem problem, DeviceInfo device) {
        return Support.when(!problem.perElement(), "is for an index a row");
    }

    @Override
    public double preference(ScatterAddProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.8 : 0.01;
    }

    @Override
    public KernelPlan plan(ScatterAddProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        boolean many = problem.count() / MANY_TERMS >= problem.length();
        int items = device.computeUnits() * (many ? ITEMS_PER_CORE_OF_MANY : ITEMS_PER_CORE);
        int most = many ? items : 1;
        int slices = Math.clamp(problem.inner() / LEAST_SLICE, 1, most);
        int slice = Math.ceilDiv(Math.ceilDiv(problem.inner(), slices), LEAST_SLICE) * LEAST_SLICE;
        slices = Math.ceilDiv(problem.inner(), slice);
        int owned = Math.ceilDiv(problem.length(), Math.clamp(items / slices, 1, problem.length()));
        int ranges = Math.ceilDiv(problem.length(), owned);
        Map<String, Object> defines = new HashMap<>(CopyText.rowDefines(DType.F32, problem.inner() % LANES == 0
                ? problem.cost().bytes() : 0));
        defines.putAll(Map.of("LENGTH", problem.length(), "COUNT", problem.count(), "INNER", problem.inner(), "OUTER",
                problem.outer(), "SLICE", slice, "OWNED", owned, "RANGES", ranges, "IGNORED", problem.ignored(), "FEW", FEW, "STEP", STEP));
        String text = RowBlocksCpuGather.rowBlocks() + KernelResource.text(GroupedCpuScatterAdd.class, "scatter_add_grouped_cpu.cl");
        return new KernelPlan(List.of(new PlannedLaunch("add", KernelText.of("scatter_add/grouped_cpu", Dialect.OPENCL, text)
                .with(defines), "scatter_add", Grid.ofTiles(slices, ranges), List.of(Reference.operand(0), Reference.operand(1),
                        Reference.operand(2), Reference.workspace(0)))),
                List.of((problem.length() + 2L * problem.count() + ranges) * slices * Integer.BYTES));
    }
}
