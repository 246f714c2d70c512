package dev.quern.kernels.gather;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** The rung for OpenCL on CPUs: each work-item owns columns, or rows where columns are few. */
final class OwnersCpuScatterAdd implements Variant<ScatterAddProblem> {
    /** Columns of a slice: four cache lines, so that neighbours do not write each other's. */
    private static final int LEAST_SLICE = 64;
    private static final int ITEMS_PER_CORE = 4;

    @Override
    public String name() {
        return "owners_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One work-item owns a slice of columns of all rows, or a range of rows where columns are few, and adds its share of every "
                + "term in turn, in vectors. Slices share the work evenly however often an index comes.";
    }

    @Override
    public Support supports(ScatterAddProblem problem, DeviceInfo device) {
        return Support.when(!problem.perElement(), "is for an index a row");
    }

    @Override
    public double preference(ScatterAddProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.6 : 0.01;
    }

    @Override
    public KernelPlan plan(ScatterAddProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int items = Math.ceilDiv(device.computeUnits() * ITEMS_PER_CORE, problem.outer());
        int slices = Math.clamp(problem.inner() / LEAST_SLICE, 1, items);
        int slice = Math.ceilDiv(Math.ceilDiv(problem.inner(), slices), LEAST_SLICE) * LEAST_SLICE;
        slices = Math.ceilDiv(problem.inner(), slice);
        int owned = Math.ceilDiv(problem.length(), Math.clamp(Math.ceilDiv(items, slices), 1, problem.length()));
        return KernelPlan.of(new PlannedLaunch("add", KernelResource.load(OwnersCpuScatterAdd.class, "scatter_add_owners_cpu.cl",
                "scatter_add/owners_cpu", Dialect.OPENCL).with(Map.of("LENGTH", problem.length(), "COUNT", problem.count(), "INNER",
                        problem.inner(), "SLICE", slice, "OWNED", owned, "IGNORED", problem.ignored())), "scatter_add",
                Grid.ofTiles(slices, Math.ceilDiv(problem.length(), owned), problem.outer()),
                List.of(Reference.operand(0), Reference.operand(1), Reference.operand(2))));
    }
}
