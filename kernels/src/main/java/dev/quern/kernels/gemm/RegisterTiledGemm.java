package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.Prologue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import java.util.List;
import java.util.Map;

/** The portable rung for GPUs: operands through local memory, a square of sums an item. */
final class RegisterTiledGemm implements Variant<GemmProblem> {
    private static final int SIDE = 16;

    @Override
    public String name() {
        return "register_tiled";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "Each item of the group keeps a square of sums in registers: each value from local memory feeds several "
                + "multiply-adds, so that local memory is no longer the limit.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable("PER_ITEM", List.of(4, 1, 2, 8), "rows and columns of c that one work-item owns"),
                new Tunable("DEPTH", List.of(16, 8, 32), "how much of k is in local memory at a time"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        long bytes = localBytes(Parameters.defaults(tunables()));
        return Support.when(device.maxGroupSize() >= SIDE * SIDE, "needs groups of 256 work-items")
                .and(Support.when(device.localMemory() >= bytes, "needs " + bytes + " bytes of local memory"));
    }

    private static long localBytes(Parameters parameters) {
        return 2L * parameters.value("DEPTH") * (SIDE * parameters.value("PER_ITEM") + 1) * Float.BYTES;
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesScalar(epilogue);
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return GemmText.takesScalar(prologue, operand);
    }

    /** On a CPU, barriers become loops over work-items that keep their values in memory. */
    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.03 : 0.4;
    }

    /** Smaller tiles where large ones would leave most of the device idle. */
    @Override
    public Parameters parameters(GemmProblem problem, DeviceInfo device) {
        Parameters usual = Parameters.defaults(tunables());
        int perItem = usual.value("PER_ITEM");
        while (perItem > 1 && groups(problem, perItem) < device.computeUnits()) {
            perItem /= 2;
        }
        return usual.with("PER_ITEM", perItem);
    }

    private static long groups(GemmProblem problem, int perItem) {
        return (long) problem.batch() * Math.ceilDiv(problem.m(), SIDE * perItem) * Math.ceilDiv(problem.n(), SIDE * perItem);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        int tile = SIDE * parameters.value("PER_ITEM");
        Map<String, Integer> defines = Map.of("PER_ITEM", parameters.value("PER_ITEM"), "DEPTH", parameters.value("DEPTH"), "SPLIT",
                0);
        Grid grid = new Grid(Math.ceilDiv(problem.n(), tile), Math.ceilDiv(problem.m(), tile), problem.batch(), SIDE, SIDE, 1);
        return KernelPlan.of(new PlannedLaunch("multiply", GemmText.of("register_tiled", dialect(), problem, prologues, epilogue,
                defines, List.of("gemm_register_tiled.cl")), "gemm_register_tiled", grid,
                GemmText.arguments(problem, prologues, epilogue)));
    }
}
