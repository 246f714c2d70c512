package dev.quern.kernels.scan;

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

/** The rung for OpenCL on CPUs: vectors along the axis, or of neighbouring lines. */
final class VectorCpuScan implements Variant<ScanProblem> {
    private static final int LANES = 16;
    private static final int LEAST_BLOCK = 1024;
    private static final int ITEMS_PER_CORE = 4;
    /** Blocks of lines that a work-item goes along side by side, so that more lines are under way. */
    private static final int SIDE = 4;
    /** Lines that follow each other at each of these places, which puts places pages apart, and spares groups. */
    private static final int RUN = 4;
    /** Neighbouring lines of a work-item: their totals, 8 KiB, stay in the first-level cache. */
    private static final int TILE = 2048;
    private static final int LEAST_TILE = 256;

    @Override
    public String name() {
        return "vector_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Sixteen neighbours are totalled in a register by four shifted additions, or neighbouring lines go side by side. "
                + "Only where lines are too few for the cores are they cut into blocks, which reads the input twice.";
    }

    @Override
    public Support supports(ScanProblem problem, DeviceInfo device) {
        return Support.supported();
    }

    @Override
    public double preference(ScanProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.6 : 0.01;
    }

    @Override
    public KernelPlan plan(ScanProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int cores = device.computeUnits();
        // Tiles of equal length, for every core one if that leaves them long.
        int tiles = Math.max(Math.ceilDiv(problem.inner(), TILE),
                Math.min(Math.ceilDiv(cores, problem.outer()), problem.inner() / LEAST_TILE));
        int tile = problem.inner() == 1 ? 1 : Math.ceilDiv(Math.ceilDiv(problem.inner(), tiles), LANES) * LANES;
        int groups = Math.ceilDiv(problem.inner(), tile);
        long units = (long) problem.outer() * groups;
        long items = (long) cores * ITEMS_PER_CORE * (problem.inner() == 1 ? SIDE : 1);
        long wanted = units >= cores ? 1 : Math.clamp(problem.length() / LEAST_BLOCK, 1, items / units);
        int block = Math.ceilDiv(Math.ceilDiv(problem.length(), (int) wanted), LANES) * LANES;
        int blocks = Math.ceilDiv(problem.length(), block);
        int side = problem.inner() == 1 && problem.length() % block == 0 && units * blocks % SIDE == 0
                && units * blocks >= (long) cores * SIDE ? SIDE : 1;
        int run = problem.inner() == 1 && blocks == 1 && side == 1 && units >= (long) SIDE * RUN * cores ? RUN : 0;
        // The kernel that carries totals from block to block stands behind.
        KernelText text = ScanText.along(name(), problem, "scan_vector_cpu.cl").and(KernelResource.text(ScanText.class, "scan_blocked.cl"))
                .with(Map.of("BLOCK", block, "BLOCKS", blocks, "SIDE", side, "RUN", run, "GROUPS", groups, "TILE", tile));
        Grid each = Grid.ofTiles(units, blocks);
        Grid grid = run > 0 ? Grid.ofTiles(Math.ceilDiv(units, (long) SIDE * run)) : side == 1 ? each : Grid.ofTiles(units * blocks / side);
        Reference x = Reference.operand(0);
        Reference y = Reference.operand(1);
        if (blocks == 1) {
            return KernelPlan.of(new PlannedLaunch("scan", text, "cpu_scan", grid, List.of(x, y)));
        }
        Reference partial = Reference.workspace(0);
        return new KernelPlan(List.of(new PlannedLaunch("totals", text, "cpu_totals", each, List.of(x, partial)),
                new PlannedLaunch("carry", text, "carry", Grid.covering(problem.lines(), ScanText.LOCAL), List.of(partial)),
                new PlannedLaunch("scan", text, "cpu_scan", grid, List.of(x, y, partial))),
                List.of(problem.lines() * blocks * Float.BYTES));
    }
}
