package dev.quern.kernels.gemm;

import dev.quern.kernels.HostStorage;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.HostEpilogue;
import dev.quern.kernels.expr.Prologues;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;

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
        ThreadLocal<float[]> addends = ThreadLocal.withInitial(() -> new float[problem.n()]);
        HostCode code = HostCode.of("gemm/host_naive", "multiply", (arguments, group) -> {
            float[] sums = rows.get();
            row(problem, arguments, group, sums);
            HostStore.row(problem, arguments, finish, (int) (group / problem.m()), (int) (group % problem.m()), 0, sums,
                    problem.n(), addends.get());
        });
        return KernelPlan.of(new PlannedLaunch("multiply", code, "multiply",
                Grid.ofTiles((long) problem.batch() * problem.m()), HostStore.arguments(problem, Prologues.none(), epilogue)));
    }

    private static void row(GemmProblem problem, HostArguments arguments, long group, float[] sums) {
        MemorySegment memoryA = arguments.memory(GemmProblem.A);
        MemorySegment memoryB = arguments.memory(GemmProblem.B);
        GemmMatrix a = problem.a();
        GemmMatrix b = problem.b();
        long product = group / problem.m();
        long row = group % problem.m();
        long firstA = a.offset() + product * a.stride() + row * (problem.transposeA() ? 1 : a.leading());
        long stepA = problem.transposeA() ? a.leading() : 1;
        long stepB = problem.transposeB() ? 1 : b.leading();
        long columnB = problem.transposeB() ? b.leading() : 1;
        for (int column = 0; column < problem.n(); column++) {
            long firstB = b.offset() + product * b.stride() + column * columnB;
            float sum = 0;
            for (int i = 0; i < problem.k(); i++) {
                sum = Math.fma(HostStorage.load(memoryA, a.dtype(), firstA + i * stepA),
                        HostStorage.load(memoryB, b.dtype(), firstB + i * stepB), sum);
            }
            sums[column] = sum;
        }
    }
}
