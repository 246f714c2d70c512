package dev.quern.kernels.testing;

import dev.quern.kernels.Cost;
import dev.quern.kernels.KernelFamily;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelReference;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Problem;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import dev.quern.runtime.Shape;
import java.util.List;

/** A family for testing the harness: y = 2 x, by a kernel body that the test gives, right or wrong. */
record Doubling(String body) implements KernelFamily<Doubling.Twice> {
    /** y = 2 x for n elements. */
    record Twice(int n) implements Problem {
        @Override
        public String family() {
            return "doubling";
        }

        @Override
        public List<Operand> operands() {
            return List.of(Operand.input("x", DType.F32, Shape.of(n)), Operand.output("y", DType.F32, Shape.of(n)));
        }

        @Override
        public Cost cost() {
            return Cost.of(n, operands());
        }

        @Override
        public String key() {
            return "doubling " + n;
        }
    }

    @Override
    public String name() {
        return "doubling";
    }

    @Override
    public Class<Twice> problemType() {
        return Twice.class;
    }

    @Override
    public KernelReference<Twice> reference() {
        return (problem, operands) -> {
            for (int i = 0; i < problem.n(); i++) {
                operands.get(1).set(i, 2 * operands.get(0).get(i));
            }
        };
    }

    @Override
    public List<Variant<Twice>> variants() {
        return List.of(new Given(body));
    }

    private record Given(String body) implements Variant<Twice> {
        @Override
        public String name() {
            return "given";
        }

        @Override
        public Dialect dialect() {
            return Dialect.PORTABLE;
        }

        @Override
        public String summary() {
            return "What the test says.";
        }

        @Override
        public Support supports(Twice problem, DeviceInfo device) {
            return Support.when(problem.n() > 1, "needs two elements");
        }

        @Override
        public double preference(Twice problem, DeviceInfo device) {
            return 1;
        }

        @Override
        public KernelPlan plan(Twice problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
            String text = "Q_KERNEL void twice(Q_GLOBAL float* x, Q_GLOBAL float* y, int n) {\n"
                    + "    int i = (int) Q_GLOBAL_ID(0);\n" + body + "\n}\n";
            return KernelPlan.of(new PlannedLaunch("double", KernelText.of("doubling/given", dialect(), text), "twice",
                    Grid.covering(problem.n(), 32),
                    List.of(Reference.operand(0), Reference.operand(1), Reference.number(problem.n()))));
        }
    }
}
