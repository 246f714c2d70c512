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

/** Register tiles in vectors of four columns, for devices with vector loads. */
final class VectorizedGemm implements Variant<GemmProblem> {
    private static final int SIDE = 16;

    @Override
    public String name() {
        return "vectorized";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "Four neighbouring elements move with one instruction, from global to local memory, on to registers and to c; one "
                + "load of a and one of b feed sixteen multiply-adds.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable("PARTS", List.of(1, 2), "vectors of columns, and fours of rows, that one work-item owns"),
                new Tunable("DEPTH", List.of(16, 8), "how much of k is in local memory at a time"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        long bytes = localBytes(Parameters.defaults(tunables()));
        return Support.when(device.maxGroupSize() >= SIDE * SIDE, "needs groups of 256 work-items")
                .and(Support.when(device.localMemory() >= bytes, "needs " + bytes + " bytes of local memory"));
    }

    private static long localBytes(Parameters parameters) {
        return 2L * parameters.value("DEPTH") * (4 * SIDE * parameters.value("PARTS") + 4) * Float.BYTES;
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesVectors(epilogue, problem);
    }

    @Override
    public Support takes(Prologue prologue, int operand, GemmProblem problem) {
        return GemmText.takesVectors(prologue, operand, problem);
    }

    /** On a CPU, barriers become loops over work-items that keep their values in memory. */
    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.03 : 0.45;
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        return plan(problem, device, parameters, Prologues.none(), epilogue);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Prologues prologues,
            Epilogue epilogue) {
        int tile = 4 * SIDE * parameters.value("PARTS");
        Map<String, Integer> defines = Map.of("PARTS", parameters.value("PARTS"), "DEPTH", parameters.value("DEPTH"), "W", 4);
        Grid grid = new Grid(Math.ceilDiv(problem.n(), tile), Math.ceilDiv(problem.m(), tile), problem.batch(), SIDE, SIDE, 1);
        return KernelPlan.of(new PlannedLaunch("multiply", GemmText.of("vectorized", dialect(), problem, prologues, epilogue,
                defines, List.of("gemm_vectors.cl", "gemm_vectorized.cl"), 4), "gemm_vectorized", grid,
                GemmText.arguments(problem, prologues, epilogue)));
    }
}
