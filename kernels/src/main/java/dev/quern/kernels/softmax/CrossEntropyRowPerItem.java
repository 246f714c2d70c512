package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** The bottom rung of cross-entropy: one work-item a row, then the mean. */
final class CrossEntropyRowPerItem implements Variant<CrossEntropyProblem> {
    private static final int GROUP = 128;

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
        return "One work-item walks along the classes of one row; a second launch takes the mean. The bottom of the ladder.";
    }

    @Override
    public Support supports(CrossEntropyProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= GROUP, "needs groups of " + GROUP);
    }

    @Override
    public double preference(CrossEntropyProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.05 : problem.classes() < 64 ? 0.5 : 0.1;
    }

    @Override
    public KernelPlan plan(CrossEntropyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        Map<String, Object> defines = CrossEntropyText.defines(problem);
        defines.put("GROUP", GROUP);
        KernelText text = RowText.of(problem, problem.dtype(), name(), dialect(),
                RowText.shared("group_tree.cl") + RowText.shared("cross_entropy_mean.cl"), defines);
        return CrossEntropyText.plan(problem, text, Grid.covering(problem.rows(), GROUP), GROUP);
    }
}
