package dev.quern.kernels.softmax;

import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.expr.ExprText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the OpenCL rungs of cross-entropy have in common. */
final class CrossEntropyText {
    private CrossEntropyText() {
    }

    /** The definitions of every rung: ON, OFF, SMOOTH and GRADIENT. */
    static Map<String, Object> defines(CrossEntropyProblem problem) {
        Map<String, Object> defines = new TreeMap<>();
        defines.put("ON", ExprText.literal(1 - problem.labelSmoothing()));
        defines.put("OFF", ExprText.literal(problem.labelSmoothing() / problem.classes()));
        defines.put("SMOOTH", problem.labelSmoothing() > 0 ? 1 : 0);
        defines.put("GRADIENT", problem.withGradient() ? 1 : 0);
        return defines;
    }

    /** The arguments of the kernel that works on rows. */
    static List<Reference> rowArguments(CrossEntropyProblem problem, Reference losses, Reference... more) {
        List<Reference> arguments = new ArrayList<>(List.of(Reference.operand(CrossEntropyProblem.LOGITS),
                Reference.operand(CrossEntropyProblem.LABELS), losses));
        if (problem.withGradient()) {
            arguments.add(Reference.operand(CrossEntropyProblem.GRADIENT));
        }
        arguments.addAll(List.of(more));
        return arguments;
    }
}
