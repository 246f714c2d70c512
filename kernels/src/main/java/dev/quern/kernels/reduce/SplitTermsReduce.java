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

/** The rung for GPUs where the innermost axis is kept: an output's terms in parts. */
final class SplitTermsReduce implements Variant<ReduceProblem> {
    private static final int LOCAL = 64;
    private static final int ITEMS_PER_UNIT = 1024;
    private static final int LEAST_TERMS = 64;

    @Override
    public String name() {
        return "split_terms";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "The terms of an output are cut into parts of their own work-items, and a second launch joins them: few outputs of many "
                + "terms still fill the device, and neighbouring items read neighbouring elements.";
    }

    @Override
    public Support supports(ReduceProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL)
                .and(Support.when(!problem.reduced(problem.extents().size() - 1), "the innermost axis is reduced"));
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
        return device.isCpu() ? 0.03 : 0.4;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        long wanted = (long) device.computeUnits() * ITEMS_PER_UNIT;
        int most = Math.clamp(wanted / problem.outputs(), 1, Math.ceilDiv(problem.terms(), LEAST_TERMS));
        int perPart = Math.ceilDiv(problem.terms(), most);
        int parts = Math.ceilDiv(problem.terms(), perPart);
        KernelText text = ReduceText.of(name(), dialect(), problem, prologues, epilogue, Map.of());
        Reference partial = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("parts", text, "reduce_part",
                        new Grid(Math.ceilDiv(problem.outputs(), LOCAL), parts, problem.members(), LOCAL, 1, 1),
                        ReduceText.arguments(problem, List.of(partial), prologues, Epilogue.none(), problem.outputs(), problem.terms(),
                                perPart)),
                ReduceText.combine(text, problem, epilogue, partial, parts)),
                ReduceText.partial(problem, parts));
    }
}
