package dev.quern.kernels.scan;

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
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** The host device's rung: slices of neighbouring lines in parallel, their totals in double. */
final class HostScan implements Variant<ScanProblem> {
    private static final int LINES = 256;

    @Override
    public String name() {
        return "slices";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Slices of neighbouring lines go side by side, with their totals in double.";
    }

    @Override
    public Support supports(ScanProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(ScanProblem problem, DeviceInfo device) {
        return 0.5;
    }

    @Override
    public KernelPlan plan(ScanProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int slices = Math.ceilDiv(problem.inner(), LINES);
        HostCode code = HostCode.of("scan/slices", "scan", (arguments, group) -> {
            int from = (int) (group % slices) * LINES;
            scan(problem, arguments.memory(0), arguments.memory(1), group / slices, from,
                    Math.min(LINES, problem.inner() - from));
        });
        return KernelPlan.of(new PlannedLaunch("scan", code, "scan", Grid.ofTiles((long) slices * problem.outer()),
                List.of(Reference.operand(0), Reference.operand(1))));
    }

    private static void scan(ScanProblem problem, MemorySegment x, MemorySegment y, long o, int from, int lines) {
        double[] totals = new double[lines];
        Arrays.fill(totals, problem.op().neutral());
        for (int k = 0; k < problem.length(); k++) {
            long row = (o * problem.length() + (problem.reverse() ? problem.length() - 1 - k : k)) * problem.inner() + from;
            for (int i = 0; i < lines; i++) {
                double before = totals[i];
                totals[i] = problem.op().combine(before, x.getAtIndex(ValueLayout.JAVA_FLOAT, row + i));
                y.setAtIndex(ValueLayout.JAVA_FLOAT, row + i, (float) (problem.exclusive() ? before : totals[i]));
            }
        }
    }
}
