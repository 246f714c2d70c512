package dev.quern.kernels.attention;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The bottom rung of attention: one work-item a query. */
final class RowPerItemForward implements Variant<AttentionForwardProblem> {
    private static final int GROUP = 64;

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
        return "One work-item walks along the keys for one query, with the largest score so far taken out of the exponents: a "
                + "score is used as soon as it is known and never stored. The bottom of the ladder.";
    }

    @Override
    public Support supports(AttentionForwardProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= GROUP, "needs groups of " + GROUP);
    }

    @Override
    public double preference(AttentionForwardProblem problem, DeviceInfo device) {
        return 0.01;
    }

    @Override
    public KernelPlan plan(AttentionForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        AttentionGeometry geometry = problem.geometry();
        int rows = geometry.allHeads() * geometry.queries();
        List<Reference> arguments = new ArrayList<>(AttentionText.arguments(0, problem.operands().size(), Reference.number(rows)));
        arguments.addAll(AttentionText.sizes(geometry));
        arguments.add(Reference.number(geometry.dim()));
        arguments.add(Reference.number(geometry.scale()));
        return KernelPlan.of(new PlannedLaunch("rows", AttentionText.of(problem.family(), name(), dialect(), geometry, "",
                Map.of("LSE", problem.withLogSumExp() ? 1 : 0)), "attention_forward", Grid.covering(rows, GROUP), arguments));
    }
}
