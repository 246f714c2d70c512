package dev.quern.kernels.softmax;

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
import java.util.Map;

/** The bottom rung of softmax and its gradient: one work-item a row. */
final class RowPerItem<P extends RowProblem> implements Variant<P> {
    private static final int LOCAL = 64;

    @Override
    public String name() {
        return "row_per_item";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item walks along one row. The bottom of the ladder; where inner is large, neighbouring items read "
                + "neighbouring elements, and it is not a bad one.";
    }

    @Override
    public Support supports(P problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
    }

    @Override
    public double preference(P problem, DeviceInfo device) {
        return device.isCpu() ? 0.05 : problem.inner() >= 32 ? 0.6 : 0.1;
    }

    @Override
    public KernelPlan plan(P problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return KernelPlan.of(new PlannedLaunch("rows",
                RowText.of(problem, problem.dtype(), name(), dialect(), "", Map.of("LOG", problem.log() ? 1 : 0)), RowText.entry(problem),
                Grid.covering(problem.rows(), LOCAL), RowText.arguments(problem, Reference.number(problem.rows()),
                        Reference.number(problem.axis()), Reference.number(problem.inner()))));
    }
}
