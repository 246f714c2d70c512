package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** Operands through local memory: one work-group a tile of c. */
final class TiledGemm implements Variant<GemmProblem> {
    private static final int SIDE = 16;

    @Override
    public String name() {
        return "tiled";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "A work-group of 16 x 16 items shares tiles of a and b through local memory: global memory is read once a tile "
                + "instead of once a use.";
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= SIDE * SIDE, "needs groups of 256 work-items");
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesScalar(epilogue);
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return GemmText.takesScalar(prologue, operand);
    }

    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.03 : 0.15;
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        Grid grid = new Grid(Math.ceilDiv(problem.n(), SIDE), Math.ceilDiv(problem.m(), SIDE), problem.batch(), SIDE, SIDE, 1);
        return KernelPlan.of(new PlannedLaunch("multiply", GemmText.of("tiled", dialect(), problem, prologues, epilogue, Map.of(),
                List.of("gemm_tiled.cl")), "gemm_tiled", grid, GemmText.arguments(problem, prologues, epilogue)));
    }
}
