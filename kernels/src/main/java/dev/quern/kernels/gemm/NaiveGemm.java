package dev.quern.kernels.gemm;

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
import java.util.List;
import java.util.Map;

/** The bottom rung: one work-item an element of c. */
final class NaiveGemm implements Variant<GemmProblem> {
    private static final int SIDE = 16;

    @Override
    public String name() {
        return "naive";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item computes one element of c as a dot product. The bottom of the ladder: it runs anywhere, and "
                + "every element of a and b is read as often as it is used.";
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
    public double preference(GemmProblem problem, DeviceInfo device) {
        return 0.02;
    }

    @Override
    public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        boolean ta = problem.transposeA();
        boolean tb = problem.transposeB();
        List<Reference> arguments = List.of(Reference.operand(GemmProblem.A), Reference.operand(GemmProblem.B),
                Reference.operand(GemmProblem.C), Reference.number(problem.m()), Reference.number(problem.n()),
                Reference.number(problem.k()), Reference.number(ta ? 1 : problem.k()), Reference.number(ta ? problem.m() : 1),
                Reference.number(tb ? 1 : problem.n()), Reference.number(tb ? problem.k() : 1),
                Reference.number(problem.strideA()), Reference.number(problem.strideB()), Reference.number(problem.alpha()));
        Grid grid = new Grid(Math.ceilDiv(problem.n(), SIDE), Math.ceilDiv(problem.m(), SIDE), problem.batch(), SIDE, SIDE, 1);
        return KernelPlan.of(new PlannedLaunch("multiply", GemmText.of("naive", dialect(), problem, epilogue, Map.of()),
                "gemm_naive", grid, Reference.withEpilogue(arguments, epilogue)));
    }
}
