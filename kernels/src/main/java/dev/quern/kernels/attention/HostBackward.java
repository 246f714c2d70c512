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

/** The host device's rung of attention's gradients: a group takes one head, one query's row of scores at a time. */
final class HostBackward implements Variant<AttentionBackwardProblem> {
    /** What a thread needs besides: rows of one query, and the gradients of all keys and values of a head. */
    private static final class Scratch {
        final HostAttention head;
        final float[] keys;
        final float[] turnedValues;
        final float[] dOut;
        final float[] result;
        final float[] dScores;
        final float[] dQuery;
        final float[] dKeys;
        final float[] dValues;

        Scratch(AttentionGeometry geometry) {
            head = new HostAttention(geometry);
            keys = new float[geometry.keys() * geometry.dim()];
            turnedValues = new float[geometry.keys() * geometry.valueDim()];
            dOut = new float[geometry.valueDim()];
            result = new float[geometry.valueDim()];
            dScores = new float[geometry.keys()];
            dQuery = new float[geometry.dim()];
            dKeys = new float[geometry.keys() * geometry.dim()];
            dValues = new float[geometry.keys() * geometry.valueDim()];
        }
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
        return "A group takes all queries of one head, and adds each one's share to the gradients of the head's keys and values. "
                + "One row of scores is alive at a time. Heads run in parallel.";
    }

    @Override
    public Support supports(AttentionBackwardProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(AttentionBackwardProblem problem, DeviceInfo device) {
        return 0.2;
    }

    @Override
    public KernelPlan plan(AttentionBackwardProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        AttentionGeometry geometry = problem.geometry();
        ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(() -> new Scratch(geometry));
        HostCode code = HostCode.of(problem.family() + "/" + name(), "gradients",
                (arguments, group) -> run(problem, arguments, (int) group, scratch.get()));
        return KernelPlan.of(new PlannedLaunch("gradients", code, "gradients", Grid.ofTiles(geometry.allHeads()),
                AttentionText.arguments(0, problem.operands().size())));
    }

    private static void run(AttentionBackwardProblem problem, HostArguments arguments, int ofHead, Scratch scratch) {
        AttentionGeometry geometry = problem.geometry();
        int result = problem.result();
        scratch.head.readKeys(arguments.memory(AttentionBackwardProblem.K), ofHead);
        scratch.head.turn(arguments.memory(AttentionBackwardProblem.V), ofHead, geometry.valueDim(), scratch.turnedValues);
        HostStorage.load(arguments.memory(AttentionBackwardProblem.K), geometry.dtype(), (long) ofHead * scratch.keys.length,
                scratch.keys, 0, scratch.keys.length);
        Arrays.fill(scratch.dKeys, 0);
        Arrays.fill(scratch.dValues, 0);
        for (int query = 0; query < geometry.queries(); query++) {
            query(problem, arguments, ofHead, query, scratch);
        }
        HostStorage.store(arguments.memory(result + 3), geometry.dtype(), (long) ofHead * scratch.dKeys.length, scratch.dKeys, 0,
                scratch.dKeys.length);
        HostStorage.store(arguments.memory(result + 4), geometry.dtype(), (long) ofHead * scratch.dValues.length, scratch.dValues,
                0, scratch.dValues.length);
    }

    private static void query(AttentionBackwardProblem problem, HostArguments arguments, int ofHead, int query, Scratch scratch) {
        AttentionGeometry geometry = problem.geometry();
        HostAttention head = scratch.head;
        int result = problem.result();
        int dim = geometry.dim();
        int length = geometry.valueDim();
        long row = (long) ofHead * geometry.queries() + query;
        head.read(arguments.memory(AttentionBackwardProblem.Q), row, head.query, dim);
        head.read(arguments.memory(AttentionBackwardProblem.DO), row, scratch.dOut, length);
        head.read(arguments.memory(result), row, scratch.result, length);
        double delta = 0;
        for (int d = 0; d < length; d++) {
            delta += scratch.dOut[d] * scratch.result[d];
        }
        int seen = head.seen(arguments, 4, query);
        head.score(arguments, 4, query, seen);
        float lse = arguments.memory(result + 1).getAtIndex(ValueLayout.JAVA_FLOAT, row);
        head.exponentials(lse == Float.NEGATIVE_INFINITY ? 0 : lse, seen);
        HostAttention.products(scratch.dOut, length, scratch.turnedValues, geometry.keys(), scratch.dScores, seen);
        float scale = head.scale(arguments, 4);
        for (int key = 0; key < seen; key++) {
            scratch.dScores[key] = scale * head.scores[key] * (scratch.dScores[key] - (float) delta);
        }
        Arrays.fill(scratch.dQuery, 0);
        for (int key = 0; key < seen; key++) {
            HostAttention.add(scratch.dScores[key], scratch.keys, key * dim, scratch.dQuery, 0, dim);
            HostAttention.add(scratch.dScores[key], head.query, 0, scratch.dKeys, key * dim, dim);
            HostAttention.add(head.scores[key], scratch.dOut, 0, scratch.dValues, key * length, length);
        }
        HostStorage.store(arguments.memory(result + 2), geometry.dtype(), row * dim, scratch.dQuery, 0, dim);
    }
}
