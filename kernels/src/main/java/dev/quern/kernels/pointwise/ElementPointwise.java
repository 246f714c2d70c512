package dev.quern.kernels.pointwise;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.pointwise.PointwiseProblem.Part;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.stream.IntStream;

/** The portable rung: one work-item an element, neighbours in neighbouring elements. */
final class ElementPointwise implements Variant<PointwiseProblem> {
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
        return "One work-item computes one element, so that neighbouring items read neighbouring elements: on a GPU the "
                + "memory system joins their accesses.";
    }

    @Override
    public Support supports(PointwiseProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL).and(problem.supported());
    }

    @Override
    public double preference(PointwiseProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.05 : 0.8;
    }

    @Override
    public KernelPlan plan(PointwiseProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        StringBuilder text = new StringBuilder(PointwiseText.front(problem, 1));
        text.append("Q_KERNEL void pointwise(").append(PointwiseText.parameters(problem)).append(") {\n");
        text.append("    const size_t group = Q_GROUP_ID(0);\n");
        int input = 0;
        int output = 0;
        long firstGroup = 0;
        for (Part part : problem.parts()) {
            Loops loops = Loops.of(part);
            long elements = part.shape().elements();
            long groups = Math.ceilDiv(elements, (long) LOCAL);
            String indent = "        ";
            text.append("    if (group >= ").append(firstGroup).append("u && group < ").append(firstGroup + groups)
                    .append("u) {\n");
            text.append(indent).append("const size_t i = (group - ").append(firstGroup).append("u) * ").append(LOCAL)
                    .append("u + Q_LOCAL_ID(0);\n");
            text.append(indent).append("if (i >= ").append(elements).append("u) {\n").append(indent)
                    .append("    return;\n").append(indent).append("}\n");
            String position = loops.depth() == 1 ? "i" : "j";
            if (loops.depth() > 1) {
                text.append(indent).append("const size_t j = i % ").append(loops.inner()).append("u;\n");
            }
            text.append(PointwiseText.streams(part, input, indent));
            text.append(PointwiseText.rowOffsets(loops, "i / " + loops.inner() + "u", indent));
            text.append(PointwiseText.positions(part, loops, 1, 0, input, output, position, PointwiseText.offsetNames(loops),
                    "i", indent));
            text.append("    }\n");
            firstGroup += groups;
            input += part.inputs().size();
            output += part.results().size();
        }
        text.append("}\n");
        List<Reference> references = IntStream.range(0, input + output).mapToObj(Reference::operand).toList();
        return KernelPlan.of(new PlannedLaunch("pointwise",
                KernelText.of("pointwise/element_per_item", Dialect.PORTABLE, text.toString()), "pointwise",
                new Grid(firstGroup, 1, 1, LOCAL, 1, 1), references));
    }
}
