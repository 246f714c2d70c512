package dev.quern.kernels.scan;

import dev.quern.kernels.CpuVectors;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The rung for OpenCL on CPUs where lines are long and fewer than the cores: blocks that wait for what is before them. */
final class ChainedCpuScan implements Variant<ScanProblem> {
    private static final int LANES = 16;
    /** What is read and written in whole vectors from four places. */
    private static final int BLOCK_STEP = 4 * LANES;
    private static final int LEAST_BLOCK = 1024;
    /** Two blocks, the one that is written and the one that is totalled, stay in a second-level cache: 256 KiB. */
    private static final int MOST_BLOCK = 32 * 1024;
    private static final int BLOCKS_PER_CORE = 8;
    /** More than one, so that whichever core is free first finds work; who comes late finds all blocks taken. */
    private static final int GROUPS_PER_CORE = 4;
    /** A line of the state: what one block tells. */
    private static final int STATE_LINE = 16;
    /** Below this many elements all is in the caches, and the launches count. */
    private static final long LONG = 1 << 20;

    @Override
    public String name() {
        return "chained_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Cores take blocks of a line in order, total one while they write the one before it, and wait for what is before a block where "
                + "it is not known yet, so that the input comes from memory once.";
    }

    @Override
    public Support supports(ScanProblem problem, DeviceInfo device) {
        return Support.when(problem.inner() == 1 && problem.length() >= 2 * LEAST_BLOCK, "needs long lines that lie one behind the other")
                .and(Support.when(problem.outer() == 1 || problem.length() % LANES == 0, "lines of several are no multiples of " + LANES));
    }

    @Override
    public double preference(ScanProblem problem, DeviceInfo device) {
        boolean few = problem.outer() < device.computeUnits() && problem.lines() * problem.length() >= LONG;
        return device.isCpu() ? few ? 0.8 : 0.3 : 0.01;
    }

    @Override
    public KernelPlan plan(ScanProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long share = (long) problem.outer() * problem.length() / ((long) device.computeUnits() * BLOCKS_PER_CORE);
        int block = Math.clamp(share / BLOCK_STEP * BLOCK_STEP, LEAST_BLOCK, MOST_BLOCK);
        int blocks = Math.ceilDiv(problem.length(), block);
        long units = (long) problem.outer() * blocks;
        KernelText text = ScanText.along(name(), problem, "scan_chained_cpu.cl").with(Map.of("BLOCK", block, "BLOCKS", blocks));
        if (problem.reverse() && problem.length() % LANES != 0) {
            // Blocks are counted from the end, so that none begins with a line of the caches.
            text = text.with(Map.of("STREAM", 0));
        }
        Reference state = Reference.workspace(0);
        long ints = (units + 1) * STATE_LINE;
        return new KernelPlan(List.of(
                new PlannedLaunch("clear", text, "clear", Grid.covering(ints, ScanText.LOCAL), List.of(state)),
                new PlannedLaunch("scan", text, "chained_scan", Grid.ofTiles(Math.min(units, (long) device.computeUnits() * GROUPS_PER_CORE)),
                        List.of(Reference.operand(0), Reference.operand(1), state))),
                List.of(ints * Integer.BYTES));
    }
}
