package dev.quern.kernels.gemm;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The host device's bottom rung: one group a row of c, one dot product an element, straight from device memory. */
final class HostNaiveGemm implements Variant<GemmProblem> {
    @Override
    public String name() {
        return "host_naive";
    }

    @Override
    public Dialect dialect() {
        return Dialect.JAVA;
    }

    @Override
    public String summary() {
        return "Three loops over device memory, rows of c in parallel. The bottom of the host device's ladder, and the proof "
                + "that the rung above does something.";
    }

    @Override
    public Support supports(GemmProblem problem, DeviceInfo device) {
        return Support.supported();
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
        HostEpilogue finish = new HostEpilogue(epilogue);
        ThreadLocal<float[]> rows = ThreadLocal.withInitial(() -> new float[problem.n()]);
        HostCode code = HostCode.of("gemm/host_naive", "multiply",
                (arguments, group) -> row(problem, arguments, group, rows.get(), finish));
        List<Reference> arguments = List.of(Reference.operand(GemmProblem.A), Reference.operand(GemmProblem.B),
                Reference.operand(GemmProblem.C));
        return KernelPlan.of(new PlannedLaunch("multiply", code, "multiply",
                Grid.ofTiles((long) problem.batch() * problem.m()), Reference.withEpilogue(arguments, epilogue)));
    }

    private static void row(GemmProblem problem, HostArguments arguments, long group, float[] results, HostEpilogue finish) {
        MemorySegment a = arguments.memory(GemmProblem.A);
        MemorySegment b = arguments.memory(GemmProblem.B);
        int n = problem.n();
        int k = problem.k();
        long product = group / problem.m();
        long row = group % problem.m();
        long firstA = product * problem.strideA() + row * (problem.transposeA() ? 1 : k);
        long stepA = problem.transposeA() ? problem.m() : 1;
        long stepB = problem.transposeB() ? 1 : n;
        long columnB = problem.transposeB() ? k : 1;
        for (int column = 0; column < n; column++) {
            long firstB = product * problem.strideB() + column * columnB;
            float sum = 0;
            for (int i = 0; i < k; i++) {
                sum = Math.fma(a.getAtIndex(ValueLayout.JAVA_FLOAT, firstA + i * stepA),
                        b.getAtIndex(ValueLayout.JAVA_FLOAT, firstB + i * stepB), sum);
            }
            results[column] = problem.alpha() * sum;
        }
        finish.apply(results, 0, n, group * n, arguments, 3);
        MemorySegment.copy(results, 0, arguments.memory(GemmProblem.C), ValueLayout.JAVA_FLOAT, group * n * Float.BYTES, n);
    }
}
