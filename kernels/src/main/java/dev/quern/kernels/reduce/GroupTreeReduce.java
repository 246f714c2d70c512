package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The rung for GPUs where the innermost axis is reduced: a work-group an output, in parts if there are few. */
final class GroupTreeReduce implements Variant<ReduceProblem> {
    private static final int GROUP = 128;
    private static final int GROUPS_PER_UNIT = 8;
    private static final int TERMS_PER_ITEM = 8;

    @Override
    public String name() {
        return "group_tree";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "A work-group shares the terms of an output and joins its partial results in a tree through local memory; where "
                + "outputs are few, their terms are cut into parts that a second launch joins.";
    }

    @Override
    public Support supports(ReduceProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= GROUP, "needs groups of " + GROUP);
    }

    @Override
    public Support takes(Epilogue epilogue, ReduceProblem problem) {
        return Support.unless(EpilogueText.scalarObstacle(epilogue));
    }

    @Override
    public double preference(ReduceProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.02 : problem.reduced(problem.extents().size() - 1) ? 0.4 : 0.05;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long wanted = (long) device.computeUnits() * GROUPS_PER_UNIT;
        int most = Math.clamp(wanted / problem.outputs(), 1, Math.ceilDiv(problem.terms(), GROUP * TERMS_PER_ITEM));
        int perPart = Math.ceilDiv(problem.terms(), most);
        int parts = Math.ceilDiv(problem.terms(), perPart);
        KernelText text = ReduceText.of(name(), dialect(), problem, epilogue, Map.of("GROUP", GROUP));
        Reference partial = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("parts", text, "reduce_part",
                        new Grid(problem.outputs(), parts, 1, GROUP, 1, 1),
                        List.of(Reference.operand(ReduceProblem.X), partial, Reference.number(problem.outputs()),
                                Reference.number(problem.terms()), Reference.number(perPart))),
                ReduceText.combine(text, problem, epilogue, partial, parts)),
                List.of((long) parts * problem.outputs() * Float.BYTES));
    }
}
