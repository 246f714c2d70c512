package dev.quern.kernels.copy;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.Parameters;
import dev.quern.kernels.Support;
import dev.quern.kernels.Variant;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.runtime.DeviceInfo;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.Map;

/** The portable rung: one work-item an element of the output. */
final class ElementCopy implements Variant<CopyProblem> {
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
        return "One work-item moves one element, and neighbouring items write neighbouring elements; the bottom of the ladder, and on "
                + "a GPU as good as any where the input's neighbours are neighbours too.";
    }

    @Override
    public Support supports(CopyProblem problem, DeviceInfo device) {
        return Support.when(device.maxGroupSize() >= LOCAL, "needs groups of " + LOCAL);
    }

    @Override
    public double preference(CopyProblem problem, DeviceInfo device) {
        return device.isCpu() ? 0.05 : 0.7;
    }

    @Override
    public KernelPlan plan(CopyProblem problem, DeviceInfo device, Parameters parameters, Epilogue epilogue) {
        StringBuilder text = new StringBuilder("Q_KERNEL void copy(").append(CopyText.parameters(problem)).append(") {\n");
        text.append("    const size_t group = Q_GROUP_ID(0);\n");
        long firstGroup = 0;
        for (Part part : Part.of(problem)) {
            long groups = Math.ceilDiv(part.elements(), (long) LOCAL);
            long width = part.before() + part.inner() + part.after();
            String indent = "        ";
            text.append("    if (group >= ").append(firstGroup).append("u && group < ").append(firstGroup + groups).append("u) {\n");
            text.append(indent).append("const size_t e = (group - ").append(firstGroup).append("u) * ").append(LOCAL)
                    .append("u + Q_LOCAL_ID(0);\n");
            text.append(indent).append("if (e >= ").append(part.elements()).append("u) {\n").append(indent).append("    return;\n")
                    .append(indent).append("}\n");
            text.append(indent).append("const size_t row = e / ").append(width).append("u;\n");
            text.append(indent).append("const size_t i = e - row * ").append(width).append("u;\n");
            text.append(CopyText.places(part, "row", indent));
            String place = part.before() + part.after() == 0 ? "to + i * " + CopyText.factor(part.innerTarget())
                    : "to + i - " + part.before() + "u";
            String value = part.input() < 0 ? "FILL" : "x" + part.input() + "[from + (i - " + part.before() + "u) * "
                    + CopyText.factor(part.innerSource()) + "]";
            if (part.before() + part.after() > 0) {
                value = "i >= " + part.before() + "u && i < " + (part.before() + part.inner()) + "u ? " + value + " : FILL";
            }
            text.append(indent).append("y[").append(place).append("] = ").append(value).append(";\n    }\n");
            firstGroup += groups;
        }
        text.append("}\n");
        return KernelPlan.of(new PlannedLaunch("copy", KernelText.of("copy/element_per_item", Dialect.PORTABLE, text.toString())
                .with(Map.of("WORD", CopyText.word(problem.dtype()), "FILL", CopyText.fill(problem))), "copy",
                new Grid(firstGroup, 1, 1, LOCAL, 1, 1), CopyText.references(problem)));
    }
}
