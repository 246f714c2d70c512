package dev.quern.kernels.reduce;

import dev.quern.kernels.HostStorage;
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
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The host device's rung of argmax and argmin: a group takes a block of outputs and compares block after block. */
final class HostArgReduce implements Variant<ArgReduceProblem> {
    private static final int BLOCK = 512;
    private static final int LEAST_ELEMENTS = 16 * 1024;

    /** Arrays of a thread: a block of elements, and for each lane the extreme so far and its place. */
    private record Scratch(float[] next, float[] best, int[] place) {
        Scratch() {
            this(new float[BLOCK], new float[BLOCK], new int[BLOCK]);
        }
    }

    @Override
    public String name() {
        return "host_blocks";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group copies blocks of neighbours into an array of its thread and compares them with the extremes so far; groups run "
                + "in parallel.";
    }

    @Override
    public Support supports(ArgReduceProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(ArgReduceProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(ArgReduceProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        boolean along = problem.inner() == 1;
        int units = along ? problem.outer() : problem.outer() * Math.ceilDiv(problem.inner(), BLOCK);
        int perGroup = Math.max(1, LEAST_ELEMENTS / (along ? problem.axis() : problem.axis() * Math.min(BLOCK, problem.inner())));
        ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);
        HostCode code = HostCode.of("arg-reduce/host_blocks", "outputs", (arguments, group) -> {
            int first = (int) group * perGroup;
            for (int unit = first; unit < Math.min(first + perGroup, units); unit++) {
                if (along) {
                    row(problem, arguments, unit, scratch.get());
                } else {
                    columns(problem, arguments, unit, scratch.get());
                }
            }
        });
        return KernelPlan.of(new PlannedLaunch("outputs", code, "outputs", Grid.ofTiles(Math.ceilDiv(units, perGroup)),
                List.of(Reference.operand(ArgReduceProblem.X), Reference.operand(ArgReduceProblem.Y))));
    }

    /** Whether a later element takes the place of the extreme so far. */
    private static boolean takes(boolean largest, float next, float best) {
        return best == best && (next != next || (largest ? next > best : next < best));
    }

    private static void row(ArgReduceProblem problem, HostArguments arguments, int row, Scratch s) {
        long at = (long) row * problem.axis();
        float best = HostStorage.load(arguments.memory(0), problem.dtype(), at);
        int place = 0;
        for (int first = 0; first < problem.axis(); first += BLOCK) {
            int count = Math.min(BLOCK, problem.axis() - first);
            HostStorage.load(arguments.memory(0), problem.dtype(), at + first, s.next, 0, count);
            for (int i = 0; i < count; i++) {
                if (takes(problem.largest(), s.next[i], best)) {
                    best = s.next[i];
                    place = first + i;
                }
            }
        }
        arguments.memory(1).setAtIndex(ValueLayout.JAVA_INT, row, place);
    }

    private static void columns(ArgReduceProblem problem, HostArguments arguments, int unit, Scratch s) {
        int blocks = Math.ceilDiv(problem.inner(), BLOCK);
        int outer = unit / blocks;
        int column = unit % blocks * BLOCK;
        int count = Math.min(BLOCK, problem.inner() - column);
        for (int k = 0; k < problem.axis(); k++) {
            long at = ((long) outer * problem.axis() + k) * problem.inner() + column;
            HostStorage.load(arguments.memory(0), problem.dtype(), at, s.next, 0, count);
            for (int i = 0; i < count; i++) {
                if (k == 0 || takes(problem.largest(), s.next[i], s.best[i])) {
                    s.best[i] = s.next[i];
                    s.place[i] = k;
                }
            }
        }
        for (int i = 0; i < count; i++) {
            arguments.memory(1).setAtIndex(ValueLayout.JAVA_INT, (long) outer * problem.inner() + column + i, s.place[i]);
        }
    }
}
