package dev.quern.kernels.scan;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;

/** The portable rung for long lines that are few: blocks of a line by work-items of their own. */
final class BlockedScan implements Variant<ScanProblem> {
    private static final int LEAST_BLOCK = 64;
    private static final int ITEMS = 16 * 1024;

    @Override
    public String name() {
        return "blocked";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "Lines are cut into blocks: their totals, what comes before each, then the blocks themselves. Reads the input twice, and gives "
                + "few lines enough work-items.";
    }

    @Override
    public Support supports(ScanProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= ScanText.LOCAL, "needs groups of " + ScanText.LOCAL)
                .and(Support.when(problem.length() >= 2 * LEAST_BLOCK, "lines are short"));
    }

    @Override
    public double preference(ScanProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.04 : 0.4;
    }

    @Override
    public KernelPlan plan(ScanProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long wanted = Math.clamp(ITEMS / problem.lines(), 1, Math.ceilDiv(problem.length(), LEAST_BLOCK));
        int block = Math.ceilDiv(problem.length(), (int) wanted);
        int blocks = Math.ceilDiv(problem.length(), block);
        return ScanText.plan(ScanText.blocked(name(), problem, block), problem, blocks,
                Grid.covering(problem.lines() * blocks, ScanText.LOCAL));
    }
}
