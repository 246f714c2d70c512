package dev.quern.bench.kernel;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.VariantProvider;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.gemm.GemmProblem;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostArguments;
import dev.quern.runtime.HostCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Two variants brought from outside: one that multiplies row by row, and one that forgets the last column. */
public final class ExtraGemmVariants implements VariantProvider {
    @Override
    public String family() {
        return "gemm";
    }

    @Override
    public List<Variant<?>> variants() {
        return List.of(new ByRows("test_rows", 0), new ByRows("test_forgetful", 1));
    }

    private record ByRows(String name, int forgotten) implements Variant<GemmProblem> {
        @Override
        public Dialect dialect() {
            return Dialect.JAVA;
        }

        @Override
        public String summary() {
            return "One group a row.";
        }

        @Override
        public Support supports(GemmProblem problem, DeviceInfo device) {
            return Support.when(problem.batch() == 1 && !problem.transposeA() && !problem.transposeB() && problem.alpha() == 1,
                    "plain products only");
        }

        @Override
        public double preference(GemmProblem problem, DeviceInfo device) {
            return 1e-9;
        }

        @Override
        public KernelPlan plan(GemmProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
            return KernelPlan.of(new KernelPlan.PlannedLaunch("multiply", HostCode.of("gemm/" + name, "multiply",
                    (arguments, row) -> multiply(arguments, row, problem)), "multiply", Grid.ofTiles(problem.m()),
                    List.of(KernelPlan.Reference.operand(0), KernelPlan.Reference.operand(1), KernelPlan.Reference.operand(2))));
        }

        private void multiply(HostArguments arguments, long row, GemmProblem problem) {
            MemorySegment a = arguments.memory(0);
            MemorySegment b = arguments.memory(1);
            MemorySegment c = arguments.memory(2);
            for (int column = 0; column < problem.n() - forgotten; column++) {
                double sum = 0;
                for (int i = 0; i < problem.k(); i++) {
                    sum += (double) a.getAtIndex(ValueLayout.JAVA_FLOAT, row * problem.k() + i)
                            * b.getAtIndex(ValueLayout.JAVA_FLOAT, (long) i * problem.n() + column);
                }
                c.setAtIndex(ValueLayout.JAVA_FLOAT, row * problem.n() + column, (float) sum);
            }
        }
    }
}
