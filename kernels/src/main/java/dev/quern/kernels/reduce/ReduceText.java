package dev.quern.kernels.reduce;

import dev.quern.kernels.KernelPlan.PlannedLaunch;
import dev.quern.kernels.KernelPlan.Reference;
import dev.quern.kernels.KernelResource;
import dev.quern.kernels.expr.Epilogue;
import dev.quern.kernels.expr.EpilogueText;
import dev.quern.kernels.expr.ExprText;
import dev.quern.runtime.Dialect;
import dev.quern.runtime.Grid;
import dev.quern.runtime.KernelText;
import java.util.List;
import java.util.Map;

/** Puts an operation's and a layout's macros in front of a kernel file, and the kernel that joins parts behind it. */
final class ReduceText {
    private static final int LOCAL = 64;

    private ReduceText() {
    }

    static KernelText of(String rung, Dialect dialect, ReduceProblem problem, Epilogue epilogue, Map<String, ?> defines) {
        ReduceLayout layout = ReduceLayout.of(problem);
        StringBuilder front = new StringBuilder(EpilogueText.render(epilogue, problem.outputs(), 1));
        front.append("#define COMBINE(a, b) ").append(combine(problem.op())).append('\n');
        front.append("#define NEUTRAL ").append(ExprText.literal((float) problem.op().neutral())).append('\n');
        String scaled = problem.op() == ReduceOp.MEAN ? "(value) * " + ExprText.literal(1f / problem.terms()) : "value";
        front.append("#define FINISH(value, o) q_epilogue(").append(scaled).append(", (size_t)(o) Q_EPILOGUE_ARGUMENTS)\n");
        front.append("#define KEPT_AT(i) ").append(layout.keptText()).append('\n');
        front.append("#define RUN_AT(i) ").append(layout.runText()).append('\n');
        String inner = String.valueOf(layout.inner());
        if (layout.innerReduced()) {
            front.append("#define OUTPUT_AT(i) KEPT_AT(i)\n");
            front.append("#define TERM_AT(i) (RUN_AT((i) / ").append(inner).append(") + (i) % ").append(inner).append(")\n");
        } else {
            front.append("#define OUTPUT_AT(i) (KEPT_AT((i) / ").append(inner).append(") + (i) % ").append(inner).append(")\n");
            front.append("#define TERM_AT(i) RUN_AT(i)\n");
        }
        String text = front + KernelResource.text(ReduceText.class, "reduce_" + rung + ".cl")
                + KernelResource.text(ReduceText.class, "reduce_combine.cl");
        return KernelText.of("reduce/" + rung, dialect, text).with(defines);
    }

    /** NaN wins an extreme: it is the only value that differs from itself. */
    private static String combine(ReduceOp op) {
        return switch (op) {
            case SUM, MEAN -> "((a) + (b))";
            case PROD -> "((a) * (b))";
            case MAX -> "((a) > (b) || (a) != (a) ? (a) : (b))";
            case MIN -> "((a) < (b) || (a) != (a) ? (a) : (b))";
        };
    }

    /** The launch that joins {@code parts} partial results of each output. */
    static PlannedLaunch combine(KernelText text, ReduceProblem problem, Epilogue epilogue, Reference partial, int parts) {
        return new PlannedLaunch("combine", text, "combine", Grid.covering(problem.outputs(), LOCAL),
                Reference.withEpilogue(List.of(partial, Reference.operand(ReduceProblem.Y), Reference.number(problem.outputs()),
                        Reference.number(parts)), epilogue));
    }
}
