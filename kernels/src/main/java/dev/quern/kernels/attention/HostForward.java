package dev.quern.kernels.attention;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The host device's rung of attention: a group takes a run of one head's queries, one row of scores at a time. */
final class HostForward implements Variant<AttentionForwardProblem> {
    private static final int QUERIES_PER_GROUP = 64;

    /** What a thread needs. */
    private record Scratch(HostAttention head, float[] sums) {
    }

    @Override
    public String name() {
        return "host_rows";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group turns its head's keys, so that the scores of a query are sums of rows; one row of scores is alive at a "
                + "time. Groups run in parallel.";
    }

    @Override
    public Support supports(AttentionForwardProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(AttentionForwardProblem problem, DeviceInfo device) {
        return 0.2;
    }

    @Override
    public KernelPlan plan(AttentionForwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        AttentionGeometry geometry = problem.geometry();
        int blocks = Math.ceilDiv(geometry.queries(), QUERIES_PER_GROUP);
        ThreadLocal<Scratch> scratch = ThreadLocal
                .withInitial(() -> new Scratch(new HostAttention(geometry), new float[geometry.valueDim()]));
        HostCode code = HostCode.of(problem.family() + "/" + name(), "attend", (arguments, group) -> {
            int first = (int) (group % blocks) * QUERIES_PER_GROUP;
            run(problem, arguments, (int) (group / blocks), first, Math.min(first + QUERIES_PER_GROUP, geometry.queries()),
                    scratch.get());
        });
        return KernelPlan.of(new PlannedLaunch("attend", code, "attend", Grid.ofTiles((long) geometry.allHeads() * blocks),
                AttentionText.arguments(0, problem.operands().size())));
    }

    private static void run(AttentionForwardProblem problem, HostArguments arguments, int ofHead, int from, int to,
            Scratch scratch) {
        AttentionGeometry geometry = problem.geometry();
        HostAttention head = scratch.head;
        int result = 3 + geometry.maskOperands().size();
        int length = geometry.valueDim();
        head.readKeys(arguments.memory(AttentionForwardProblem.K), ofHead);
        HostStorage.load(arguments.memory(AttentionForwardProblem.V), geometry.dtype(), (long) ofHead * head.values.length,
                head.values, 0, head.values.length);
        for (int query = from; query < to; query++) {
            long row = (long) ofHead * geometry.queries() + query;
            head.read(arguments.memory(AttentionForwardProblem.Q), row, head.query, geometry.dim());
            int seen = head.seen(arguments, 3, query);
            head.score(arguments, 3, query, seen);
            float largest = Float.NEGATIVE_INFINITY;
            for (int key = 0; key < seen; key++) {
                largest = Math.max(largest, head.scores[key]);
            }
            // Minus infinity is not subtracted from itself where a query sees no key.
            head.exponentials(largest == Float.NEGATIVE_INFINITY ? 0 : largest, seen);
            double total = 0;
            Arrays.fill(scratch.sums, 0);
            for (int key = 0; key < seen; key++) {
                total += head.scores[key];
                HostAttention.add(head.scores[key], head.values, key * length, scratch.sums, 0, length);
            }
            float share = total == 0 ? 0 : (float) (1 / total);
            for (int d = 0; d < length; d++) {
                scratch.sums[d] *= share;
            }
            HostStorage.store(arguments.memory(result), geometry.dtype(), row * length, scratch.sums, 0, length);
            if (problem.withLogSumExp()) {
                arguments.memory(result + 1).setAtIndex(ValueLayout.JAVA_FLOAT, row, (float) (largest + Math.log(total)));
            }
        }
    }
}
