package dev.quern.kernels.gather;

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
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The host device's rung: slices of columns in parallel. */
final class HostScatterAdd implements Variant<ScatterAddProblem> {
    private static final int LEAST_SLICE = 16;
    private static final int TILES_PER_CORE = 4;

    @Override
    public String name() {
        return "column_slices";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "A group owns a slice of columns and adds every row's share in turn; slices run in parallel.";
    }

    @Override
    public Support supports(ScatterAddProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(ScatterAddProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(ScatterAddProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int wanted = Math.ceilDiv(device.computeUnits() * TILES_PER_CORE, problem.outer());
        int slice = Math.ceilDiv(problem.inner(), Math.clamp(problem.inner() / LEAST_SLICE, 1, wanted));
        int slices = Math.ceilDiv(problem.inner(), slice);
        HostCode code = HostCode.of("scatter_add/column_slices", "scatter_add", (arguments, group) -> {
            int first = (int) (group % slices) * slice;
            add(problem, arguments, (int) (group / slices), first, Math.min(problem.inner(), first + slice));
        });
        return KernelPlan.of(new PlannedLaunch("add", code, "scatter_add", Grid.ofTiles((long) slices * problem.outer()),
                List.of(Reference.operand(0), Reference.operand(1), Reference.operand(2))));
    }

    private static void add(ScatterAddProblem problem, HostArguments arguments, int o, int from, int to) {
        MemorySegment x = arguments.memory(0);
        MemorySegment index = arguments.memory(1);
        MemorySegment y = arguments.memory(2);
        for (int l = 0; l < problem.length(); l++) {
            fill(y, ((long) o * problem.length() + l) * problem.inner(), from, to, 0);
        }
        for (int j = 0; j < problem.count(); j++) {
            long row = ((long) o * problem.count() + j) * problem.inner();
            if (!problem.perElement()) {
                term(problem, x, y, index.getAtIndex(ValueLayout.JAVA_INT, j), o, row, from, to);
                continue;
            }
            for (int i = from; i < to; i++) {
                term(problem, x, y, index.getAtIndex(ValueLayout.JAVA_INT, row + i), o, row, i, i + 1);
            }
        }
    }

    private static void term(ScatterAddProblem problem, MemorySegment x, MemorySegment y, int at, int o, long row, int from, int to) {
        if (at < 0 || at >= problem.length()) {
            for (int l = 0; l < problem.length(); l++) {
                fill(y, ((long) o * problem.length() + l) * problem.inner(), from, to, Float.NaN);
            }
        } else if (at != problem.ignored()) {
            long place = ((long) o * problem.length() + at) * problem.inner();
            for (int i = from; i < to; i++) {
                y.setAtIndex(ValueLayout.JAVA_FLOAT, place + i, y.getAtIndex(ValueLayout.JAVA_FLOAT, place + i)
                        + x.getAtIndex(ValueLayout.JAVA_FLOAT, row + i));
            }
        }
    }

    private static void fill(MemorySegment y, long row, int from, int to, float value) {
        for (int i = from; i < to; i++) {
            y.setAtIndex(ValueLayout.JAVA_FLOAT, row + i, value);
        }
    }
}
