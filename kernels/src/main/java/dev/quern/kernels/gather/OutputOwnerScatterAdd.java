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

/** The bottom rung: one work-item an element of the result. */
final class OutputOwnerScatterAdd implements Variant<ScatterAddProblem> {
    private static final int LOCAL = 64;

    @Override
    public String name() {
        return "output_owner";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item goes through all indices and adds the terms of one element of the result. It fills a GPU where there are many "
                + "elements, and reads every index for each of them.";
    }

    @Override
    public Support supports(ScatterAddProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
    }

    @Override
    public double preference(ScatterAddProblem problem, DeviceInfo device) {
        boolean few = (double) problem.outer() * problem.length() * problem.inner() * problem.count() < 1e8;
        return device.isCpu() ? 0.02 : few ? 0.5 : 0.1;
    }

    @Override
    public KernelPlan plan(ScatterAddProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long items = (long) problem.outer() * problem.length() * problem.inner();
        return KernelPlan.of(new PlannedLaunch("add", KernelResource.load(OutputOwnerScatterAdd.class, "scatter_add_output_owner.cl",
                "scatter_add/output_owner", Dialect.PORTABLE).with(Map.of("LENGTH", problem.length() + "u", "COUNT",
                        problem.count() + "u", "INNER", problem.inner() + "u", "ELEMENTS", items + "u", "PER_ELEMENT",
                        problem.perElement() ? 1 : 0, "IGNORED", problem.ignored())), "scatter_add", Grid.covering(items, LOCAL),
                List.of(Reference.operand(0), Reference.operand(1), Reference.operand(2))));
    }
}
