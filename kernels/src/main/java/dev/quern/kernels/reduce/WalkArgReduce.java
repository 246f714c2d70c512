package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** The portable rungs of argmax and argmin: a work-item, or a work-group, walks along the axis of an output. */
final class WalkArgReduce implements Variant<ArgReduceProblem> {
    private static final int GROUP = 128;
    private static final int LOCAL = 64;

    private final boolean shared;

    /** The rung; {@code shared} makes it that of work-groups. */
    WalkArgReduce(boolean shared) {
        this.shared = shared;
    }

    @Override
    public String name() {
        return shared ? "group_tree" : "item_per_output";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return shared ? "A work-group shares the axis of an output and joins what its items found in a tree through local memory."
                : "One work-item walks along the axis of one output. The bottom of the ladder; where outputs are neighbours in memory "
                + "it fills a GPU.";
    }

    @Override
    public Support supports(ArgReduceProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= GROUP, "needs groups of " + GROUP);
    }

    @Override
    public double preference(ArgReduceProblem problem, DeviceInfo device) {
        boolean along = problem.inner() == 1;
        return device.isCpu() ? shared ? 0.02 : 0.05 : shared == along ? 0.4 : 0.1;
    }

    @Override
    public KernelPlan plan(ArgReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Grid grid = shared ? new Grid(problem.outputs(), 1, 1, GROUP, 1, 1) : Grid.covering(problem.outputs(), LOCAL);
        return KernelPlan.of(new PlannedLaunch("outputs",
                ArgReduceText.of(problem, name(), "arg_reduce_walk.cl", dialect(), Map.of("GROUP", shared ? GROUP : 1)),
                "arg_reduce", grid, List.of(Reference.operand(ArgReduceProblem.X), Reference.operand(ArgReduceProblem.Y),
                        Reference.number(problem.outputs()), Reference.number(problem.axis()), Reference.number(problem.inner()))));
    }
}
