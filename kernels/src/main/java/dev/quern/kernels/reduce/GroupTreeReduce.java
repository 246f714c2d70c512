package dev.quern.kernels.reduce;

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
        return ReduceText.takes(epilogue, problem);
    }

    @Override
    public Support takes(Prologue prologue, int operand, ReduceProblem problem) {
        return ReduceText.takes(prologue, operand, problem);
    }

    @Override
    public double preference(ReduceProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.02 : problem.reduced(problem.extents().size() - 1) ? 0.4 : 0.05;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        long wanted = (long) device.computeUnits() * GROUPS_PER_UNIT;
        int most = Math.clamp(wanted / problem.outputs(), 1, Math.ceilDiv(problem.terms(), GROUP * TERMS_PER_ITEM));
        int perPart = Math.ceilDiv(problem.terms(), most);
        int parts = Math.ceilDiv(problem.terms(), perPart);
        KernelText text = ReduceText.of(name(), dialect(), problem, prologues, epilogue, Map.of("GROUP", GROUP));
        Reference partial = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("parts", text, "reduce_part",
                        new Grid(problem.outputs(), parts, problem.members(), GROUP, 1, 1),
                        ReduceText.arguments(problem, List.of(partial), prologues, Epilogue.none(), problem.outputs(), problem.terms(),
                                perPart)),
                ReduceText.combine(text, problem, epilogue, partial, parts)),
                ReduceText.partial(problem, parts));
    }
}
