package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan;
import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.expr.ExprText;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the OpenCL rungs of cross-entropy have in common. */
final class CrossEntropyText {
    private CrossEntropyText() {
    }

    /** The definitions of every rung: ON, OFF, SMOOTH, GRADIENT and IGNORED. */
    static Map<String, Object> defines(CrossEntropyProblem problem) {
        Map<String, Object> defines = new TreeMap<>();
        defines.put("ON", ExprText.literal(1 - problem.labelSmoothing()));
        defines.put("OFF", ExprText.literal(problem.labelSmoothing() / problem.classes()));
        defines.put("SMOOTH", problem.labelSmoothing() > 0 ? 1 : 0);
        defines.put("GRADIENT", problem.withGradient() ? 1 : 0);
        defines.put("IGNORED", CrossEntropyProblem.IGNORED);
        return defines;
    }

    /** The arguments of the kernel that works on rows. */
    static List<Reference> rowArguments(CrossEntropyProblem problem, Reference losses) {
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(CrossEntropyProblem.LOGITS),
                Reference.operand(CrossEntropyProblem.LABELS), losses));
        if (problem.withGradient()) {
            arguments.add(Reference.operand(CrossEntropyProblem.GRADIENT));
        }
        return arguments;
    }

    /** The launches of the portable rungs: what a row counts, the rows, the mean. */
    static KernelPlan plan(CrossEntropyProblem problem, KernelText text, Grid rowGrid, int group) {
        Reference losses = Reference.workspace(0);
        Reference share = Reference.workspace(1);
        Reference rows = Reference.number(problem.rows());
        Grid oneGroup = new Grid(1, 1, 1, group, 1, 1);
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(CrossEntropyProblem.LOGITS),
                Reference.operand(CrossEntropyProblem.LABELS), losses, share));
        if (problem.withGradient()) {
            arguments.add(Reference.operand(CrossEntropyProblem.GRADIENT));
        }
        arguments.addAll(List.of(rows, Reference.number(problem.classes())));
        return new KernelPlan(List.of(
                new PlannedLaunch("share", text, "row_share", oneGroup,
                        List.of(Reference.operand(CrossEntropyProblem.LABELS), share, rows)),
                new PlannedLaunch("rows", text, "row_losses", rowGrid, arguments),
                new PlannedLaunch("mean", text, "mean_loss", oneGroup,
                        List.of(losses, share, Reference.operand(CrossEntropyProblem.LOSS), rows))),
                List.of((long) problem.rows() * Float.BYTES, (long) Float.BYTES));
    }
}
