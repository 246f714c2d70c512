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

/** The portable rung that reads every term once: one work-item a column of the result. */
final class ColumnOwnerScatterAdd implements Variant<ScatterAddProblem> {
    private static final int LOCAL = 64;

    @Override
    public String name() {
        return "column_owner";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item owns a column of the result and adds every term of that column in turn, so that terms are read once; wide rows "
                + "make enough columns for a GPU.";
    }

    @Override
    public Support supports(ScatterAddProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
    }

    @Override
    public double preference(ScatterAddProblem problem, DeviceInfo device) {
        return device.isCpu() && !problem.perElement() ? 0.1 : 0.3;
    }

    @Override
    public KernelPlan plan(ScatterAddProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long items = (long) problem.outer() * problem.inner();
        return KernelPlan.of(new PlannedLaunch("add", KernelResource.load(ColumnOwnerScatterAdd.class, "scatter_add_column_owner.cl",
                "scatter_add/column_owner", Dialect.PORTABLE).with(Map.of("LENGTH", problem.length() + "u", "COUNT",
                        problem.count() + "u", "INNER", problem.inner() + "u", "COLUMNS", items + "u", "PER_ELEMENT",
                        problem.perElement() ? 1 : 0, "IGNORED", problem.ignored())), "scatter_add", Grid.covering(items, LOCAL),
                List.of(Reference.operand(0), Reference.operand(1), Reference.operand(2))));
    }
}
