package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Tunable;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VectorTail;
import dev.quern.kernels.VectorWidth;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.ExprText;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rung for small and skinny products on CPUs: one launch, nothing packed. */
final class DirectCpuGemm implements Variant<GemmProblem> {
    /** Below so many multiply-adds a work-item costs more than it gives. */
    private static final double LEAST_WORK = 32 * 1024;
    private static final int ITEMS_PER_CORE = 4;

    @Override
    public String name() {
        return "direct_cpu";
    }

    @Override
    public Dialect dialect() {
        return Dialect.OPENCL;
    }

    @Override
    public String summary() {
        return "One launch reads a and b where they are, in vectors along the columns of c or, if b is transposed, along k. It "
                + "saves the packing and two launches, which a small product would spend most of its time on.";
    }

    @Override
    public List<Tunable> tunables() {
        return List.of(VectorWidth.tunable());
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        return Support.when(problem.isPlain(), "an operand is not dense F32, or something is added")
                .and(Support.when(byColumns(problem) || byDots(problem), "both operands are transposed"));
    }

    /** A single column lies alike whether b is transposed or not, and is best read along k. */
    private static boolean byDots(GemmProblem problem) {
        return (problem.transposeB() || problem.n() == 1) && (!problem.transposeA() || problem.m() == 1);
    }

    private static boolean byColumns(GemmProblem problem) {
        return !problem.transposeB() || problem.n() == 1;
    }

    @Override
    public Support takes(Epilogue epilogue, GemmProblem problem) {
        return GemmText.takesVectors(epilogue, problem);
    }

    @Override
    public double preference(GemmProblem problem, DeviceInfo device) {
        return device.isCpu() ? CpuGemmCost.direct(problem, device, byDots(problem)) : 0.01;
    }

    @Override
    public Parameters parameters(GemmProblem problem, DeviceInfo device) {
        return VectorWidth.defaults(tunables(), device);
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        int width = parameters.value(VectorWidth.NAME);
        boolean dots = byDots(problem);
        // 8 x 2 sums, 2 of b and 1 of a fit 32 registers; half as many rows fit 16.
        int rows = dots ? width == 16 ? 4 : 2 : width == 16 ? 8 : 4;
        int tileColumns = dots ? 4 : 2 * width;
        int tilesM = Math.ceilDiv(problem.m(), rows);
        int tilesN = Math.ceilDiv(problem.n(), tileColumns);
        double work = (double) problem.m() * problem.n() * problem.k();
        int alongM = 1;
        int alongN = 1;
        while ((long) alongM * alongN * problem.batch() < (long) device.computeUnits() * ITEMS_PER_CORE
                && work / (alongM * alongN) > 2 * LEAST_WORK && (alongM < tilesM || alongN < tilesN)) {
            boolean cutRows = alongN >= tilesN || alongM < tilesM && tilesM / alongM >= tilesN / alongN;
            alongM *= cutRows ? 2 : 1;
            alongN *= cutRows ? 1 : 2;
        }
        int itemRows = Math.ceilDiv(tilesM, Math.min(alongM, tilesM)) * rows;
        int itemColumns = Math.ceilDiv(tilesN, Math.min(alongN, tilesN)) * tileColumns;
        Map<String, Object> defines = new TreeMap<>(Map.of("M", problem.m(), "N", problem.n(), "K", problem.k(), "STRIDE_A",
                problem.a().stride(), "STRIDE_B", problem.b().stride(), "BY_COLUMNS", dots ? 0 : 1, "ALPHA", ExprText.literal(problem.alpha()), "W", width));
        defines.putAll(Map.of("ROWS", rows, "NV", 2, "DOT_ROWS", rows, "ITEM_ROWS", itemRows, "ITEM_COLUMNS", itemColumns));
        KernelText text = GemmText.of("direct_cpu", dialect(), problem, Prologues.none(), epilogue, defines,
                List.of("gemm_direct_cpu.cl"), dots ? 4 : width)
                .behind(VectorTail.define(width, (dots ? problem.k() : problem.n()) % width));
        Grid grid = Grid.ofTiles(Math.ceilDiv(problem.n(), itemColumns), Math.ceilDiv(problem.m(), itemRows), problem.batch());
        return KernelPlan.of(new PlannedLaunch("multiply", text, "gemm_direct_cpu", grid,
                Reference.withEpilogue(List.of(Reference.operand(GemmProblem.A), Reference.operand(GemmProblem.B),
                        Reference.operand(problem.indexOfC())), epilogue)));
    }
}
