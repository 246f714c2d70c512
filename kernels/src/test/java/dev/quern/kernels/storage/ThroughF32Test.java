package dev.quern.kernels.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quern.kernels.Cost;
import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Operand;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.HostCode;
import dev.quern.runtime.Shape;
import dev.quern.runtime.testing.TestDevices;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThroughF32Test {
    /** a and b give c. */
    private record Sample(DType stored) implements StoredProblem<Sample> {
        @Override
        public Sample inF32() {
            return new Sample(DType.F32);
        }

        @Override
        public String family() {
            return "sample";
        }

        @Override
        public List<Operand> operands() {
            return List.of(Operand.input("a", stored, Shape.of(6)), Operand.input("b", stored, Shape.of(5)),
                    Operand.output("c", stored, Shape.of(7)));
        }

        @Override
        public Cost cost() {
            return Cost.of(1, operands());
        }

        @Override
        public String key() {
            return "sample " + stored;
        }
    }

    /** Packs b, which need not be done again while b stays as it is, into a workspace, and multiplies. */
    private static final class Packing implements Variant<Sample> {
        @Override
        public String name() {
            return "packing";
        }

        @Override
        public Dialect dialect() {
            return Dialect.JAVA;
        }

        @Override
        public String summary() {
            return "";
        }

        @Override
        public Support supports(Sample problem, DeviceInfo device) {
            return Support.when(problem.stored() == DType.F32, "not F32");
        }

        @Override
        public double preference(Sample problem, DeviceInfo device) {
            return 1;
        }

        @Override
        public KernelPlan plan(Sample problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
            HostCode nothing = HostCode.of("sample", "nothing", (arguments, group) -> { });
            PlannedLaunch pack = new PlannedLaunch("pack b", nothing, "nothing", Grid.ofTiles(1),
                    List.of(Reference.operand(1), Reference.workspace(0))).preparedFrom(1);
            PlannedLaunch multiply = new PlannedLaunch("multiply", nothing, "nothing", Grid.ofTiles(1),
                    List.of(Reference.operand(0), Reference.workspace(0), Reference.operand(2)));
            return new KernelPlan(List.of(pack, multiply), List.of(99L));
        }
    }

    private static KernelPlan plan(DType stored) {
        Variant<Sample> through = ThroughF32.around(List.of(new Packing())).getFirst();
        Sample problem = new Sample(stored);
        DeviceInfo host = TestDevices.shared("host").info();
        assertThat(through.supports(problem, host).yes()).isTrue();
        return through.plan(problem, host, through.parameters(problem, host), Epilogue.none());
    }

    @Test
    void whatIsPreparedFromAnOperandIsConvertedOnceToo() {
        KernelPlan plan = plan(DType.BF16);
        assertThat(plan.launches()).extracting(PlannedLaunch::role).containsExactly("convert a", "convert b", "pack b", "multiply", "convert c");
        assertThat(plan.only(true).launches()).extracting(PlannedLaunch::role).containsExactly("convert b", "pack b");
        assertThat(plan.workspaces()).containsExactly(99L, 24L, 20L, 28L);
        assertThat(plan.launches().get(2).arguments()).containsExactly(Reference.workspace(2), Reference.workspace(0));
        assertThat(plan.launches().get(3).arguments()).containsExactly(Reference.workspace(1), Reference.workspace(0), Reference.workspace(3));
    }

    @Test
    void onF32NothingIsAdded() {
        assertThat(plan(DType.F32).launches()).extracting(PlannedLaunch::role).containsExactly("pack b", "multiply");
    }

    @Test
    void otherTypesAreRefusedByName() {
        Variant<Sample> through = ThroughF32.around(List.of(new Packing())).getFirst();
        assertThat(through.supports(new Sample(DType.F64), TestDevices.shared("host").info()).reason())
                .isEqualTo("a is F64, not F32, F16 or BF16");
    }
}
