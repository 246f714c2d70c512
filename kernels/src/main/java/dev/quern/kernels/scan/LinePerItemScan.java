package dev.quern.kernels.scan;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;

/** The bottom rung: one work-item a line. */
final class LinePerItemScan implements Variant<ScanProblem> {
    @Override
    public String name() {
        return "line_per_item";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item goes along one line. With many lines whose neighbours are neighbours in memory it fills a GPU.";
    }

    @Override
    public Support supports(ScanProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= ScanText.LOCAL, "needs groups of " + ScanText.LOCAL);
    }

    @Override
    public double preference(ScanProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.05 : problem.lines() >= 4096 ? 0.6 : 0.1;
    }

    @Override
    public KernelPlan plan(ScanProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return ScanText.plan(ScanText.blocked(name(), problem, problem.length()), problem, 1,
                Grid.covering(problem.lines(), ScanText.LOCAL));
    }
}
