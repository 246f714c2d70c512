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
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The bottom rung of attention's gradients: one work-item a query, then one a key. */
final class RowPerItemBackward implements Variant<AttentionBackwardProblem> {
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
        return "One work-item walks along the keys for one query's gradient, and in a second launch along the queries for one "
                + "key's and value's. Each computes the scores anew. The bottom of the ladder.";
    }

    @Override
    public Support supports(AttentionBackwardProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= GROUP, "needs groups of " + GROUP);
    }

    @Override
    public double preference(AttentionBackwardProblem problem, DeviceInfo device) {
        return 0.01;
    }

    @Override
    public KernelPlan plan(AttentionBackwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        AttentionGeometry geometry = problem.geometry();
        KernelText text = AttentionText.of(problem.family(), name(), dialect(), geometry, "", Map.of());
        int queryRows = geometry.allHeads() * geometry.queries();
        int keyRows = geometry.allHeads() * geometry.keys();
        int result = problem.result();
        Reference deltas = Reference.workspace(0);
        return new KernelPlan(List.of(
                new PlannedLaunch("query gradients", text, "query_gradients", Grid.covering(queryRows, GROUP),
                        withSizes(AttentionText.arguments(0, result + 3, deltas, Reference.number(queryRows)), geometry)),
                new PlannedLaunch("key gradients", text, "key_gradients", Grid.covering(keyRows, GROUP),
                        withSizes(keyArguments(result, deltas, keyRows), geometry))),
                List.of((long) queryRows * Float.BYTES));
    }

    private static List<Reference> keyArguments(int result, Reference deltas, int rows) {
        List<Reference> arguments = AttentionText.arguments(0, result, Reference.operand(result + 1));
        arguments.addAll(List.of(Reference.operand(result + 3), Reference.operand(result + 4), deltas, Reference.number(rows)));
        return arguments;
    }

    private static List<Reference> withSizes(List<Reference> arguments, AttentionGeometry geometry) {
        List<Reference> all = new ArrayList<>(arguments);
        all.addAll(AttentionText.sizes(geometry));
        all.add(Reference.number(geometry.scale()));
        return all;
    }
}
