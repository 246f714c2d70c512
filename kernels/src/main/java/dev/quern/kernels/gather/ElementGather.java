package dev.quern.kernels.gather;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.copy.CopyText;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.runtime.DType;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** The portable rung: one work-item an element of the result. */
final class ElementGather implements Variant<GatherProblem> {
    private static final int LOCAL = 128;

    @Override
    public String name() {
        return "element_per_item";
    }

    @Override
    public Dialect dialect() {
        return Dialect.PORTABLE;
    }

    @Override
    public String summary() {
        return "One work-item reads one index and moves one element. The bottom of the ladder; on a GPU neighbouring items share "
                + "an index and read neighbouring elements.";
    }

    @Override
    public Support supports(GatherProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
    }

    @Override
    public Support takes(Epilogue epilogue, GatherProblem problem) {
        return takesRider(epilogue, problem);
    }

    /** Whether something can ride on what is gathered: bits of other types than F32 are only moved. */
    static Support takesRider(Epilogue epilogue, GatherProblem problem) {
        return Support.when(epilogue.isEmpty() || problem.dtype() == DType.F32, "an epilogue is for F32")
                .and(Support.unless(EpilogueText.scalarObstacle(epilogue)));
    }

    @Override
    public double preference(GatherProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.1 : 0.7;
    }

    /** The word that stands for a wrong index: NaN, or the smallest integer. */
    static String poison(DType dtype) {
        return switch (dtype) {
            case F32 -> "(Q_UINT)0x7fc00000u";
            case F16 -> "(Q_BF16)0x7e00u";
            case BF16 -> "(Q_BF16)0x7fc0u";
            case F64 -> "(Q_ULONG)0x7ff8000000000000ul";
            case I32 -> "(Q_UINT)0x80000000u";
            case I64 -> "(Q_ULONG)0x8000000000000000ul";
            case U8, BOOL -> throw new IllegalArgumentException("gather from " + dtype);
        };
    }

    @Override
    public KernelPlan plan(GatherProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        long elements = (long) problem.outer() * problem.count() * problem.inner();
        String text = EpilogueText.render(epilogue, elements, 1)
                + KernelResource.text(ElementGather.class, "gather_element_per_item.cl");
        KernelText kernel = KernelText.of("gather/element_per_item", Dialect.PORTABLE, text).with(Map.of("WORD",
                CopyText.word(problem.dtype()), "POISON", poison(problem.dtype()), "LENGTH", problem.length(), "COUNT",
                problem.count() + "u", "INNER", problem.inner() + "u", "ELEMENTS", elements + "u", "PER_ELEMENT",
                problem.perElement() ? 1 : 0, "EPILOGUE", epilogue.isEmpty() ? 0 : 1));
        return KernelPlan.of(new PlannedLaunch("gather", kernel, "gather", Grid.covering(elements, LOCAL), arguments(epilogue)));
    }

    static List<Reference> arguments(Epilogue epilogue) {
        return Reference.withEpilogue(List.of(Reference.operand(GatherProblem.X), Reference.operand(GatherProblem.INDEX),
                Reference.operand(GatherProblem.Y)), epilogue);
    }
}
