package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
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
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The portable rung for a small c and a long k: sums are cut into slices. */
final class SplitKGemm implements Variant<GemmProblem> {
    private static final int SIDE = 16;
    /** Steps of k below which a slice costs more than it gives. */
    private static final int LEAST_DEPTH = 64;

    @Override
    public String name() {
        return "split_k";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "The sums are cut along k into slices, which groups of their own add up; a second launch adds the slices in order. A "
                + "product with few tiles of c then still fills the device.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(new Tunable("PER_ITEM", List.of(2, 1, 4), "rows and columns of c that one work-item owns"),
                new Tunable("DEPTH", List.of(16, 32), "how much of k is in local memory at a time"),
                new Tunable("SLICES", List.of(8, 2, 3, 16, 64), "slices of k"));
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        long bytes = localBytes(Parameters.defaults(tunables()));
        return Support.when(problem.k() > 1, "k is 1, there is nothing to cut")
                .and(Support.when(device.maxGroupSize() >= SIDE * SIDE, "needs groups of 256 work-items"))
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

    /** Better than whole sums where c has fewer tiles than the device has cores. */
    private static double share(GemmProblem problem, DeviceInfo device) {
        return problem.k() >= 4 * LEAST_DEPTH && groups(problem, 4) < device.computeUnits() ? 0.5 : 0.1;
    }

    /** On a CPU, barriers become loops over work-items that keep their values in memory. */
    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.03 : share(problem, device);
    }

    /** As many slices as keep every core busy. */
    @Override
    public Parameters parameters(GemmProblem problem, DeviceInfo device) {
        Parameters usual = Parameters.defaults(tunables());
        long tiles = groups(problem, usual.value("PER_ITEM"));
        int slices = 2;
        while (slices < 64 && tiles * slices < 2L * device.computeUnits() && problem.k() / (2 * slices) >= LEAST_DEPTH) {
            slices *= 2;
        }
        return usual.with("SLICES", slices);
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
        int depth = Math.ceilDiv(problem.k(), parameters.value("SLICES"));
        int slices = Math.ceilDiv(problem.k(), depth);
        Map<String, Integer> defines = Map.of("PER_ITEM", parameters.value("PER_ITEM"), "DEPTH", parameters.value("DEPTH"), "SPLIT",
                1);
        KernelText text = GemmText.of("split_k", dialect(), problem, prologues, epilogue, defines,
                List.of("gemm_register_tiled.cl", "gemm_join_slices.cl"));
        List<Reference> arguments = new ArrayList<>(GemmText.inputs(problem));
        arguments.addAll(List.of(Reference.workspace(0), Reference.number(slices), Reference.number(depth)));
        arguments.addAll(Reference.ofPrologues(prologues));
        Grid grid = new Grid(Math.ceilDiv(problem.n(), tile), Math.ceilDiv(problem.m(), tile), (long) problem.batch() * slices, SIDE,
                SIDE, 1);
        return new KernelPlan(List.of(new PlannedLaunch("multiply slices", text, "gemm_register_tiled", grid, arguments),
                GemmText.join(problem, text, Reference.workspace(0), slices, epilogue)),
                List.of((long) problem.batch() * slices * problem.m() * problem.n() * Float.BYTES));
    }
}
