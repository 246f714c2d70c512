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

/** The bottom rung: one work-item an output. */
final class ItemPerOutputReduce implements Variant<ReduceProblem> {
    private static final int LOCAL = 64;

    @Override
    public String name() {
        return "item_per_output";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item joins all terms of one output. The bottom of the ladder; with many outputs whose neighbours are neighbours "
                + "in memory it fills a GPU.";
    }

    @Override
    public Support supports(ReduceProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
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
        return device.isCpu() ? 0.05 : 0.1;
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(ReduceProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues, Epilogue epilogue) {
        KernelText text = ReduceText.of(name(), dialect(), problem, prologues, epilogue, Map.of());
        return KernelPlan.of(new PlannedLaunch("reduce", text, "reduce", new Grid(Math.ceilDiv(problem.outputs(), LOCAL), 1, problem.members(),
                LOCAL, 1, 1), ReduceText.arguments(problem, ReduceText.outputs(problem), prologues, epilogue, problem.outputs(),
                        problem.terms())));
    }
}
